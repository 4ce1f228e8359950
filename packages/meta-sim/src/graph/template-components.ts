import { graphErrors } from "../graph-error.js";

type Component = Record<string, unknown>;

/** The checks that Meta makes before it accepts a template for review (Meta: template management, template components). */
export function checkedComponents(value: unknown, category: string): readonly Component[] {
  if (!Array.isArray(value) || !value.every(isComponent))
    throw graphErrors.invalid("components", "must be an array of components.");
  const components = value;
  const unknown = components.find((component) => !types.includes(typeOf(component)));
  if (unknown !== undefined)
    throw graphErrors.invalid("components", `has a component of the unknown type ${typeOf(unknown)}.`);
  const bodies = components.filter((component) => typeOf(component) === "BODY");
  if (bodies.length !== 1)
    throw graphErrors.refused("Message template is missing a body", "A template needs exactly one body.", 2388072);
  for (const component of components) checkText(component, category);
  return components;
}

const types = ["HEADER", "BODY", "FOOTER", "BUTTONS", "CAROUSEL", "LIMITED_TIME_OFFER", "CALL_PERMISSION_REQUEST"];
const limits: Readonly<Record<string, readonly [number, number]>> = {
  HEADER: [60, 2388047],
  BODY: [1024, 2388072],
  FOOTER: [60, 2388073],
};

const isComponent = (value: unknown): value is Component =>
  typeof value === "object" && value !== null && typeof (value as Component)["type"] === "string";
const typeOf = (component: Component): string => (component["type"] as string).toUpperCase();

function checkText(component: Component, category: string): void {
  const content = component["text"];
  if (typeof content !== "string") {
    if (typeOf(component) === "BODY" && category !== "AUTHENTICATION")
      throw graphErrors.refused("Body is empty", "The body needs a text.", 2388072);
    return;
  }
  const [length, subcode] = limits[typeOf(component)] ?? [1024, 2388040];
  if (content.length > length)
    throw graphErrors.refused("Text is too long", `At most ${length} characters are allowed.`, subcode);
  checkVariables(component, content);
}

function checkVariables(component: Component, content: string): void {
  const variables = content.match(/\{\{[^{}]*\}\}/g) ?? [];
  if (variables.length === 0) return;
  if (/^\s*\{\{|\}\}\s*$/.test(content)) {
    throw graphErrors.refused(
      "Variables at the edge",
      "Variables cannot be at the start or end of the template.",
      2388299,
    );
  }
  const words = content.split(/\s+/).length;
  if (words < 2 * variables.length + 1)
    throw graphErrors.refused("Too many variables", "The text is too short for its number of variables.", 2388293);
  if (component["example"] === undefined)
    throw graphErrors.refused("Missing sample", "Every variable needs a sample.", 2388043);
}
