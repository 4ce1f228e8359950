import {
  type DataOf,
  endpointDisabled,
  invitationAccepted,
  passwordResetRequested,
  personInvited,
  personStandingChanged,
  retentionEnded,
  tenantErased,
} from "@greentick/contracts";
import { type Call } from "@greentick/kernel";
import { type ConsumerSpec } from "@greentick/runtime";

type Follow<E> = (call: Call, data: DataOf<E>) => Promise<void>;

export interface PeopleFollowers {
  readonly sendInvitation: Follow<typeof personInvited>;
  readonly finishJoining: Follow<typeof invitationAccepted>;
  readonly sendReset: Follow<typeof passwordResetRequested>;
  readonly endSessions: Follow<typeof personStandingChanged>;
  readonly tellOfEndpoint: Follow<typeof endpointDisabled>;
  /** The retention of the call's tenant is over for its people. */
  readonly erasePeople: (call: Call) => Promise<void>;
}

/** Messages go out here, after the intent is durable; who may not sign in any more loses her sessions; people of an erased tenant go. */
export const peopleConsumer = (follow: PeopleFollowers): ConsumerSpec => ({
  name: "tenant.people",
  on: [
    { event: personInvited, handle: (call, { data }) => follow.sendInvitation(call, personInvited.data.parse(data)) },
    {
      event: invitationAccepted,
      handle: (call, { data }) => follow.finishJoining(call, invitationAccepted.data.parse(data)),
    },
    {
      event: passwordResetRequested,
      handle: (call, { data }) => follow.sendReset(call, passwordResetRequested.data.parse(data)),
    },
    {
      event: personStandingChanged,
      handle: (call, { data }) => follow.endSessions(call, personStandingChanged.data.parse(data)),
    },
    {
      event: endpointDisabled,
      handle: (call, { data }) => follow.tellOfEndpoint(call, endpointDisabled.data.parse(data)),
    },
    {
      event: retentionEnded,
      handle: async (call, { data }) => {
        if (retentionEnded.data.parse(data).kind === "people") await follow.erasePeople(call);
      },
    },
    { event: tenantErased, handle: (call) => follow.erasePeople(call) },
  ],
});
