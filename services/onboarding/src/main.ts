import { runServiceAlone } from "@greentick/graphql";
import { buildOnboardingService, OnboardingConfig } from "./index.js";

void runServiceAlone({ name: "onboarding", config: OnboardingConfig, build: buildOnboardingService, env: process.env });
