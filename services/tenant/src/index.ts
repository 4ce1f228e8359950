export { TenantConfig } from "./config.js";
export { buildTenantService, type TenantService } from "./service.js";
