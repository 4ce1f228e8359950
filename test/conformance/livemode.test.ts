import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Kind, type ObjectTypeDefinitionNode, parse } from "graphql";

const services = join(__dirname, "../../services");
/** What belongs to the deployment, or to nobody in particular, or not yet. */
const ofNobody = new Set(["RateCard", "DoorTask", "QuarantinedWebhookUpdate"]);

const typesOf = (service: string): readonly ObjectTypeDefinitionNode[] =>
  parse(readFileSync(join(services, service, "schema.graphql"), "utf8")).definitions.filter(
    (one) => one.kind === Kind.OBJECT_TYPE_DEFINITION,
  );

const fieldsOf = (type: ObjectTypeDefinitionNode): readonly string[] =>
  (type.fields ?? []).map(({ name }) => name.value);

/** Types that a list shows, and entities at home in this service: what a client reads and keeps. */
function kept(types: readonly ObjectTypeDefinitionNode[]): readonly ObjectTypeDefinitionNode[] {
  const names = new Set(types.map(({ name }) => name.value));
  return types.filter((type) => {
    const fields = fieldsOf(type);
    const listed = names.has(`${type.name.value}Connection`);
    const entity = type.directives?.some(({ name }) => name.value === "key") === true && fields.length > 2;
    const isTenantOfOthers = type.name.value === "Tenant" && !fields.includes("legalName");
    return fields.includes("id") && (listed || entity) && !isTenantOfOthers && !ofNobody.has(type.name.value);
  });
}

describe("whatever belongs to a tenant", () => {
  it.each(readdirSync(services))("says in %s whether it is live or a sandbox's", (service) => {
    const unmarked = kept(typesOf(service)).filter((type) => !fieldsOf(type).includes("livemode"));
    expect(unmarked.map(({ name }) => name.value)).toEqual([]);
  });
});
