import { z } from "zod";
import { defineEvent } from "./define.js";
import { instant } from "./shapes.js";

const changes = z.array(z.object({ field: z.string(), from: z.string(), to: z.string() }));

/** No e-mail address and no link travels in an event: who handles it reads the invitation. */
export const personInvited = defineEvent(
  "tenant.person_invited",
  1,
  "Somebody was invited to hold roles in this tenant; a link is to be sent, or sent again.",
  z.object({ invitationId: z.string(), sending: z.int(), roles: z.array(z.string()), expiresAt: instant }),
);
export const invitationWithdrawn = defineEvent(
  "tenant.invitation_withdrawn",
  1,
  "An invitation's link leads nowhere any more.",
  z.object({ invitationId: z.string() }),
);
export const invitationAccepted = defineEvent(
  "tenant.invitation_accepted",
  1,
  "The link of an invitation was used.",
  z.object({ invitationId: z.string(), personId: z.string() }),
);
export const personRolesChanged = defineEvent(
  "tenant.person_roles_changed",
  1,
  "A person holds other roles in this tenant; none after leaving it.",
  z.object({ personId: z.string(), roles: z.array(z.string()), changes }),
);
export const personStandingChanged = defineEvent(
  "tenant.person_standing_changed",
  1,
  "A person may sign in to this tenant again, may not for a while, or has left it.",
  z.object({ personId: z.string(), standing: z.string(), changes }),
);
export const sessionStarted = defineEvent(
  "tenant.session_started",
  1,
  "A person signed in.",
  z.object({ sessionId: z.string(), personId: z.string(), means: z.array(z.string()) }),
);
export const sessionEnded = defineEvent(
  "tenant.session_ended",
  1,
  "A session's tokens are good no more. `refresh_reused`: an old refresh token came back, so somebody has a copy.",
  z.object({ sessionId: z.string(), personId: z.string(), because: z.string() }),
);
export const credentialsChanged = defineEvent(
  "tenant.credentials_changed",
  1,
  "A person's password or second factor changed.",
  z.object({ personId: z.string(), change: z.string() }),
);
export const passwordResetRequested = defineEvent(
  "tenant.password_reset_requested",
  1,
  "A link for a new password is to be sent to a person.",
  z.object({ personId: z.string(), expiresAt: instant }),
);
