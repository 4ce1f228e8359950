import { CallConfig, configsOf, HostConfig } from "@greentick/graphql";
import { createLog, onShutdown } from "@greentick/runtime";
import { serveGateway } from "./federation/serve-gateway.js";
import { LimitsConfig, ServiceUrls } from "./gateway-config.js";

/** The gateway alone, over services that run elsewhere. */
async function main(): Promise<void> {
  const configs = { host: HostConfig, call: CallConfig, urls: ServiceUrls, limits: LimitsConfig };
  const { host, call, urls, limits } = configsOf(configs, process.env);
  const log = createLog({ level: host.logLevel, name: "gateway" });
  const running = await serveGateway({ ...host, ...limits, urls, callSecret: call.secret, log });
  onShutdown(() => running.close(), log);
  log.info({ url: running.url }, "gateway started");
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
