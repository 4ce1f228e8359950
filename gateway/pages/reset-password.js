import { ask, device, takenFromAddress } from "./api.js";
import { askForCode, makePasswordsReadable, onSubmit, show, tell, valuesOf } from "./view.js";

const token = takenFromAddress("token");

makePasswordsReadable();
onSubmit("request", async (form) => {
  await ask("requestPasswordReset", { input: valuesOf(form) });
  show("sent");
});
onSubmit("password", async (form) => {
  try {
    const { deviceToken } = await ask("resetPassword", { input: { token, ...valuesOf(form) } });
    form.reset();
    device.keep(deviceToken);
    show("done");
  } catch (error) {
    if (error.reason !== "second_factor_needed") throw error;
    askForCode(form);
    tell("You have a second factor. Now its code.");
  }
});
show(token === undefined ? "ask" : "set");
