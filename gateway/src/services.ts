/** The five services, in the order in which people read about them. The supergraph and the addresses use these names. */
export const serviceNames = ["tenant", "onboarding", "template", "billing", "webhook"] as const;
export type ServiceName = (typeof serviceNames)[number];
