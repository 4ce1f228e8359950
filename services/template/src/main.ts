import { runServiceAlone } from "@greentick/graphql";
import { buildTemplateService, TemplateConfig } from "./index.js";

void runServiceAlone({ name: "template", config: TemplateConfig, build: buildTemplateService, env: process.env });
