import { type World } from "../world/world.js";

/** Whose token it is. */
const bearerOf = (token: string): string => {
  const { sub, act } = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8")) as {
    sub: string;
    act?: { sub: string };
  };
  return act?.sub ?? sub;
};

/** What both sides may know, each with its reason: kinds of ids, and single ids. */
export const commonOf = ({ local }: World): Readonly<Record<string, string>> => ({
  crd: "rate cards are what Meta publishes, the same for everybody",
  ...Object.fromEntries(
    Object.values(local.target.tokens).map((token) => [bearerOf(token), "the provider's own people work for both"]),
  ),
});
