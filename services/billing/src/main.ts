import { runServiceAlone } from "@greentick/graphql";
import { BillingConfig, buildBillingService } from "./index.js";

void runServiceAlone({ name: "billing", config: BillingConfig, build: buildBillingService, env: process.env });
