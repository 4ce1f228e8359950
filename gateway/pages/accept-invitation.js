import { ask, takenFromAddress } from "./api.js";
import { askForCode, byId, makePasswordsReadable, onSubmit, show, tell, valuesOf } from "./view.js";

const token = takenFromAddress("token");

makePasswordsReadable();
onSubmit("invitation", async (form) => {
  try {
    const { tenantName } = await ask("acceptInvitation", { input: { token, ...valuesOf(form) } });
    form.reset();
    byId("joined").textContent = tenantName;
    show("welcome");
  } catch (error) {
    if (error.reason !== "second_factor_needed") throw error;
    askForCode(form);
    tell("Your password is right. Now the code of your second factor.");
  }
});
show(token === undefined ? "no-link" : "accept");
