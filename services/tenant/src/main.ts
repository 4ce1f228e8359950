import { runServiceAlone } from "@greentick/graphql";
import { buildTenantService, TenantConfig } from "./index.js";

void runServiceAlone({ name: "tenant", config: TenantConfig, build: buildTenantService, env: process.env });
