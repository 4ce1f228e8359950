/** One state of a page. Its script shows one of them at a time. */
const view = (id: string, heading: string, ...parts: readonly string[]): string => `
      <section id="${id}" data-view hidden>
        <h1 tabindex="-1">${heading}</h1>
        ${parts.join("\n        ")}
      </section>`;

const form = (id: string, button: string, ...fields: readonly string[]): string => `<form id="${id}" method="post">
          ${fields.join("\n          ")}
          <div class="buttons"><button type="submit">${button}</button></div>
        </form>`;

const plainText = `autocapitalize="none" spellcheck="false"`;

const email = `<label>E-mail address
            <input name="email" type="email" autocomplete="username" required maxlength="254" ${plainText}>
          </label>`;

interface PasswordField {
  readonly label: string;
  readonly autocomplete: "current-password" | "new-password";
  readonly hint?: string;
}

/** With a button that shows what is typed, instead of a second field to type it into again. */
const password = ({ label, autocomplete, hint = "" }: PasswordField): string => `<label for="password-field">${label}
            <span class="hint" id="password-hint">${hint}</span>
          </label>
          <div class="secret-field">
            <input id="password-field" name="password" type="password" autocomplete="${autocomplete}" required maxlength="512" aria-describedby="password-hint" ${plainText}>
            <button type="button" class="quiet" data-shows="password-field" aria-pressed="false" aria-label="Show password">Show</button>
          </div>`;

/** Hidden until the API asks for it. */
const codeIfAsked = `<label hidden>Code
            <span class="hint">Six digits of your authenticator app, or one of your recovery codes.</span>
            <input name="code" autocomplete="one-time-code" maxlength="40" ${plainText}>
          </label>`;

const links = (...all: readonly (readonly [href: string, text: string])[]): string =>
  `<p class="links">${all.map(([href, text]) => `<a href="${href}">${text}</a>`).join("<br>")}</p>`;

const howLong =
  "At least 15 characters, or 8 where a second factor is required. Several words are easy to remember; spaces are welcome.";

const joining = [
  view(
    "accept",
    "Accept your invitation",
    "<p>Choose a password, and you are in. Whoever has an account here already gives its password.</p>",
    form(
      "invitation",
      "Accept the invitation",
      `<label>Your name <span class="hint">Empty: the name in the invitation.</span>
            <input name="name" autocomplete="name" maxlength="200">
          </label>`,
      password({ label: "Password", autocomplete: "new-password", hint: howLong }),
      codeIfAsked,
    ),
  ),
  view(
    "welcome",
    "Welcome",
    `<p>You belong to <strong id="joined"></strong> now. Sign in with your e-mail address and your password.</p>`,
    links(["/sign-in", "Sign in"]),
  ),
  view(
    "no-link",
    "This page needs your link",
    "<p>Open the link in your invitation's message: it works once, and for seven days. If it does not work any more, ask whoever invited you for a new one.</p>",
    links(["/sign-in", "Sign in"], ["/reset-password", "Forgot your password?"]),
  ),
].join("");

const resetting = [
  view(
    "ask",
    "A new password",
    "<p>We send a link to your e-mail address. It works once, for an hour.</p>",
    form("request", "Send the link", email),
    links(["/sign-in", "Back to signing in"]),
  ),
  view(
    "sent",
    "Look into your mailbox",
    "<p>If somebody is known here under this address, a message with a link is on its way. It may take a minute.</p>",
    links(["/sign-in", "Back to signing in"]),
  ),
  view(
    "set",
    "Set a new password",
    "<p>Every session of yours ends with it.</p>",
    form(
      "password",
      "Set the password",
      password({ label: "New password", autocomplete: "new-password", hint: howLong }),
      codeIfAsked,
    ),
    links(["/reset-password", "Ask for a new link"]),
  ),
  view("done", "Your new password is set", "<p>Sign in with it.</p>", links(["/sign-in", "Sign in"])),
].join("");

const entering = view(
  "enter",
  "Sign in",
  form("credentials", "Sign in", email, password({ label: "Password", autocomplete: "current-password" }), codeIfAsked),
  `<p class="links" id="elsewhere" hidden><a href="/sign-in/oidc/start">Staff: sign in through your identity provider</a></p>`,
  links(["/reset-password", "Forgot your password?"]),
);

const enrolling = [
  view(
    "enrol",
    "Set up your second factor",
    "<p>Your tenant requires one. Scan this code with an authenticator app on your phone.</p>",
    `<div id="qr" class="qr"></div>`,
    `<p>No camera at hand? <a id="otpauth">Open it in an app on this device</a>, or type this key: <code id="secret" class="key"></code></p>`,
    form(
      "authenticator",
      "Confirm",
      `<label>Code of the app
            <input name="code" autocomplete="one-time-code" inputmode="numeric" required maxlength="10">
          </label>`,
    ),
  ),
  view(
    "codes",
    "Keep your recovery codes",
    "<p>Each of them replaces a code once, should you lose your phone. They are shown now and never again: print them, or put them into your password manager.</p>",
    `<ul id="recovery" class="codes"></ul>`,
    `<div class="buttons"><button type="button" id="codes-kept">I have kept them</button></div>`,
  ),
].join("");

const within = view(
  "inside",
  "You are signed in",
  `<dl>
          <dt>Name</dt><dd id="name"></dd>
          <dt>Tenant</dt><dd id="tenant"></dd>
          <dt>Roles</dt><dd id="roles"></dd>
        </dl>
        <label>Access token <span class="hint">Good until <time id="until"></time>, for <code>Authorization: Bearer</code>. Whoever has it acts as you.</span>
          <textarea id="token" rows="4" readonly ${plainText}></textarea>
        </label>
        <div class="buttons">
          <button type="button" id="copy">Copy the token</button>
          <button type="button" id="explore" class="quiet">Open the explorer with it</button>
          <button type="button" id="renew" class="quiet">Get a new token</button>
          <button type="button" id="sign-out" class="quiet">Sign out</button>
        </div>
        <div id="others" hidden>
          <h2>Work in another tenant</h2>
          <ul id="other-tenants" class="others"></ul>
        </div>
        <p class="links soft">Leaving this page forgets the token and leaves the session open until it ends by itself: sign out first on a machine that is not yours.</p>`,
);

export interface PeoplePage {
  readonly title: string;
  /** Trusted HTML: constants of ours. */
  readonly views: string;
}

/** The pages for people, by path; each has the script of its name. */
export const peopleViews: Readonly<Record<string, PeoplePage>> = {
  "accept-invitation": { title: "Accept your invitation", views: joining },
  "reset-password": { title: "A new password", views: resetting },
  "sign-in": { title: "Sign in", views: entering + enrolling + within },
};
