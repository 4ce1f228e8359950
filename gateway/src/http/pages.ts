import { Router } from "express";
import { explorerPages } from "./explorer.js";
import { peoplePages } from "../pages/people-pages.js";
import { landingPage } from "./landing.js";

/** What people open in a browser. */
export const pages = (): Router => Router().use(landingPage()).use(explorerPages()).use(peoplePages());
