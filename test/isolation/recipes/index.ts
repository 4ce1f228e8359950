import { type Recipes } from "../subject.js";
import { accessRecipes } from "./access.js";
import { billingRecipes } from "./billing.js";
import { consentRecipes } from "./consent.js";
import { doorRecipes } from "./door.js";
import { endpointRecipes } from "./endpoints.js";
import { type Making } from "./making.js";
import { onboardingRecipes } from "./onboarding.js";
import { peopleRecipes } from "./people.js";
import { rateCardRecipes } from "./rate-cards.js";
import { spendingRecipes } from "./spending.js";
import { templateRecipes } from "./template.js";
import { tenantRecipes } from "./tenant.js";
import { webhookRecipes } from "./webhook.js";

/** How every mutation of the platform is made to succeed. */
export const platformRecipes = (making: Making): Recipes => ({
  ...tenantRecipes(making),
  ...peopleRecipes(making),
  ...accessRecipes(making),
  ...consentRecipes(),
  ...onboardingRecipes(making),
  ...templateRecipes(making),
  ...billingRecipes(making),
  ...rateCardRecipes(making),
  ...spendingRecipes(making),
  ...webhookRecipes(making),
  ...doorRecipes(making),
  ...endpointRecipes(making),
});
