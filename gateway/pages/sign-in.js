import { ask, device, isElsewhereOffered, takenFromAddress } from "./api.js";
import { drawQr } from "./qr-code.js";
import {
  askForCode,
  byId,
  makePasswordsReadable,
  onClick,
  onSubmit,
  refuse,
  show,
  tell,
  valuesOf,
  work,
} from "./view.js";

/** Tokens of the session, in the memory of this page alone. */
let session;
/** Of a sign-in that has to enrol a second factor first. */
let ticket;

const asked = (name, input) => ask(name, { input, token: session?.accessToken });

onSubmit("credentials", async (form) => {
  try {
    const entered = await ask("signIn", { input: { ...valuesOf(form), ...device.given() } });
    device.keep(entered.deviceToken);
    forget(form);
    if (entered.signedIn) await enter(entered.signedIn);
    else await enrol(entered.enrolmentTicket);
  } catch (error) {
    if (error.reason !== "second_factor_needed") throw error;
    askForCode(form);
    tell("Your password is right. Now the code of your second factor.");
  }
});

function forget(form) {
  form.reset();
  form.elements.code.required = false;
  form.elements.code.closest("label").hidden = true;
}

async function enrol(givenTicket) {
  ticket = givenTicket;
  const { secret, uri } = await ask("beginSecondFactor", { input: { ticket } });
  byId("secret").textContent = secret.match(/.{1,4}/g).join(" ");
  byId("otpauth").href = uri;
  drawQr(byId("qr"), uri);
  show("enrol");
}

onSubmit("authenticator", async (form) => {
  const { signedIn, recoveryCodes } = await ask("completeSecondFactor", { input: { ticket, ...valuesOf(form) } });
  form.reset();
  byId("secret").textContent = "";
  byId("otpauth").removeAttribute("href");
  byId("qr").replaceChildren();
  session = signedIn;
  byId("recovery").replaceChildren(
    ...recoveryCodes.map((code) => {
      const item = document.createElement("li");
      item.textContent = code;
      return item;
    }),
  );
  show("codes");
});

onClick("codes-kept", async () => {
  byId("recovery").replaceChildren();
  await enter(session);
});

/** Shows who is signed in, and where. */
async function enter(signedIn) {
  session = signedIn;
  const { person, tenant } = await asked("me");
  const here = session.memberships.find(({ tenantId }) => tenantId === tenant.id);
  byId("name").textContent = `${person?.name ?? ""} (${person?.email ?? ""})`;
  byId("tenant").textContent = tenant.livemode ? tenant.name : `${tenant.name} (sandbox)`;
  byId("roles").textContent = (here?.roles ?? []).map((role) => role.toLowerCase().replaceAll("_", " ")).join(", ");
  showToken();
  offerOthers(tenant.id);
  show("inside");
}

function showToken() {
  byId("token").value = session.accessToken;
  const until = new Date(session.expiresAt);
  byId("until").textContent = until.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  byId("until").dateTime = until.toISOString();
}

function offerOthers(tenantId) {
  const others = session.memberships.filter((one) => one.tenantId !== tenantId);
  byId("others").hidden = others.length === 0;
  byId("other-tenants").replaceChildren(
    ...others.map((one) => {
      const [item, button] = [document.createElement("li"), document.createElement("button")];
      button.type = "button";
      button.className = "quiet";
      button.textContent = one.tenantName;
      button.addEventListener("click", () => void work(button, () => goTo(one.tenantId)));
      item.append(button);
      return item;
    }),
  );
}

/** A session there instead of the one here. */
async function goTo(tenantId) {
  const { signedIn } = await asked("switchTenant", { tenantId });
  await asked("signOut");
  await enter(signedIn);
}

async function renew() {
  const { signedIn } = await ask("refreshSession", { input: { refreshToken: session.refreshToken } });
  session = signedIn;
  showToken();
}

onClick("copy", async () => {
  byId("token").select();
  await navigator.clipboard.writeText(session.accessToken).catch(() => {
    throw new Error("The browser lets nothing be copied here: the token is selected, copy it with the keyboard.");
  });
  tell("Copied.");
});
onClick("renew", async () => {
  await renew();
  tell("This is a new one.");
});
/** The explorer's tab gets the token, and this one does not keep it. */
onClick("explore", () => {
  sessionStorage.setItem("greentick.token", session.accessToken);
  window.open("/explorer", "_blank");
  sessionStorage.removeItem("greentick.token");
});
onClick("sign-out", async () => {
  try {
    if (new Date(session.expiresAt) <= new Date()) await renew();
    await asked("signOut");
  } catch (error) {
    if (!["session_over", "session_ended", "access_withdrawn"].includes(error.reason)) throw error;
  }
  session = undefined;
  byId("token").value = "";
  show("enter");
  tell("You are signed out.");
});

/** The way back from an identity provider ends here. */
async function begin() {
  const fromElsewhere = takenFromAddress("ticket");
  makePasswordsReadable();
  show("enter");
  byId("elsewhere").hidden = !(await isElsewhereOffered());
  if (fromElsewhere === undefined) return;
  try {
    await enter((await ask("finishSignIn", { input: { ticket: fromElsewhere } })).signedIn);
  } catch (error) {
    refuse(error.message);
  }
}
void begin();
