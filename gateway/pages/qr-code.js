import { qrcode } from "./qrcode-generator.js";

const svg = (name, attributes) => {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  return element;
};

const quietZone = 4;

/** Draws a text as a QR code into an element, here in the browser: it is sent nowhere. Always dark on light, as readers of such codes expect it. */
export function drawQr(element, text) {
  const code = qrcode(0, "M");
  code.addData(text);
  code.make();
  const size = code.getModuleCount();
  const dark = [];
  for (let row = 0; row < size; row++)
    for (let column = 0; column < size; column++) if (code.isDark(row, column)) dark.push(`M${column} ${row}h1v1h-1z`);
  const whole = size + 2 * quietZone;
  const picture = svg("svg", {
    viewBox: `${-quietZone} ${-quietZone} ${whole} ${whole}`,
    role: "img",
    "aria-label": "QR code for an authenticator app; the same key stands below as text",
    "shape-rendering": "crispEdges",
  });
  const paper = svg("rect", { x: -quietZone, y: -quietZone, width: whole, height: whole, fill: "#fff" });
  picture.append(paper, svg("path", { d: dark.join(""), fill: "#000" }));
  element.replaceChildren(picture);
}
