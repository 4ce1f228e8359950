export { OnboardingConfig } from "./config.js";
export { buildOnboardingService } from "./service.js";
