const signedIn = `signedIn {
      accessToken expiresAt refreshToken
      session { id tenantId }
      memberships { tenantId tenantName roles }
    }`;

/** A mutation with one `input`, whose payload is read as far as `fields` say. */
const mutation = (name: string, inputType: string, fields: string): string =>
  `mutation ${name.charAt(0).toUpperCase()}${name.slice(1)}($input: ${inputType}!) {
  ${name}(input: $input) {
    ${fields}
  }
}`;

/**
 * Everything that the pages for people ask of the API, by the name of its one root field. The pages get them from here, and a test checks
 * them against the schema.
 */
export const pageDocuments = {
  acceptInvitation: mutation("acceptInvitation", "AcceptInvitationInput", "tenantName"),
  requestPasswordReset: mutation("requestPasswordReset", "RequestPasswordResetInput", "done"),
  resetPassword: mutation("resetPassword", "ResetPasswordInput", "done deviceToken"),
  signIn: mutation("signIn", "SignInInput", `enrolmentTicket deviceToken\n    ${signedIn}`),
  finishSignIn: mutation("finishSignIn", "FinishSignInInput", signedIn),
  beginSecondFactor: mutation("beginSecondFactor", "EnrolmentTicketInput", "secret uri"),
  completeSecondFactor: mutation("completeSecondFactor", "CompleteSecondFactorInput", `recoveryCodes\n    ${signedIn}`),
  refreshSession: mutation("refreshSession", "RefreshSessionInput", signedIn),
  switchTenant: mutation("switchTenant", "SwitchTenantInput", signedIn),
  signOut: "mutation SignOut {\n  signOut { session { endedAt } }\n}",
  me: "query Me {\n  me { person { name email } tenant { id name status livemode } }\n}",
} as const satisfies Readonly<Record<string, string>>;
