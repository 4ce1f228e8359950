export { TemplateConfig } from "./config.js";
export { buildTemplateService } from "./service.js";
