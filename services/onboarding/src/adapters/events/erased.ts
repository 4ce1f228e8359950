import { type Call } from "@greentick/kernel";
import { isShredded } from "@greentick/runtime";

/** Work of an erased tenant ends where it needs a secret that is gone: nothing is left to do, and no later try could do it. */
export const unlessErased =
  <A extends readonly unknown[]>(work: (call: Call, ...args: A) => Promise<void>) =>
  async (call: Call, ...args: A): Promise<void> => {
    try {
      await work(call, ...args);
    } catch (error) {
      if (!isShredded(error)) throw error;
      call.log.info({ tenantId: call.tenantId }, "work of an erased tenant left undone");
    }
  };
