import { type ClientPlan } from "../../story/clients.js";
import { type NumberPlan } from "../../story/onboard.js";
import { type ClientStory, twoClients } from "../../story/provider.js";
import { type TemplatePlan } from "../../story/templates.js";

/** Each client with its home market metered by itself; fewer meters than it could have, so that invoices stay short. */
export function liveClients(from: string): readonly [ClientStory, ClientStory] {
  const [lumbre, andes] = twoClients(from);
  return [
    { ...lumbre, terms: { ...lumbre.terms, markets: ["Brazil"] } },
    { ...andes, terms: { ...andes.terms, markets: ["Colombia"] } },
  ];
}

/** A client on its way: its number waits for the code that Meta sent. */
export const comingClient: { readonly client: ClientPlan; readonly number: NumberPlan } = {
  client: {
    name: "Ferretería Sol",
    legalName: "Ferretería Sol S.A. de C.V.",
    country: "MX",
    currency: "USD",
    timeZone: "America/Mexico_City",
  },
  number: {
    wabaName: "Ferretería Sol",
    timezone: "America/Mexico_City",
    currency: "USD",
    countryCode: "52",
    number: "5512340003",
    displayName: "Ferretería Sol",
    firstWriter: "5215598760003",
  },
};

/** Meta approves the first, files the second under marketing, and refuses the third. */
export const decidedTemplates: readonly TemplatePlan[] = [
  {
    name: "pedido_enviado",
    language: "pt_BR",
    category: "UTILITY",
    body: "Olá {{1}}, seu pedido já saiu para entrega e chega amanhã.",
    samples: [{ variable: "1", value: "Ana" }],
  },
  {
    name: "aviso_de_pedido",
    language: "pt_BR",
    category: "UTILITY",
    body: "Olá {{1}}, com o seu pedido você ganhou um desconto especial de hoje.",
    samples: [{ variable: "1", value: "Ana" }],
  },
  {
    name: "noite_de_casino",
    language: "pt_BR",
    category: "MARKETING",
    body: "Olá {{1}}, venha para a noite de casino no Lumbre Café.",
    samples: [{ variable: "1", value: "Ana" }],
  },
];

/** Waits for the provider's reviewer. */
export const waitingTemplate: TemplatePlan = {
  name: "novidades_da_semana",
  language: "pt_BR",
  category: "MARKETING",
  body: "Olá {{1}}, chegou um café novo da Serra da Mantiqueira. Venha provar esta semana.",
  samples: [{ variable: "1", value: "Ana" }],
};

export type MemberRole = "owner" | "developer" | "billing_viewer";

/** One person of each role of a client's members. */
export const clientMembers: readonly {
  readonly client: string;
  readonly role: MemberRole;
  readonly name: string;
  readonly email: string;
}[] = [
  { client: "Lumbre Café", role: "owner", name: "Clara Prado", email: "clara@lumbrecafe.example" },
  { client: "Andes Salud", role: "developer", name: "Dario Nuñez", email: "dario@andessalud.example" },
  { client: "Lumbre Café", role: "billing_viewer", name: "Vera Campos", email: "vera@lumbrecafe.example" },
];
