import { CallConfig, configsOf, HostConfig } from "@greentick/graphql";
import { createLog, onShutdown } from "@greentick/runtime";
import { serveGateway } from "./federation/serve-gateway.js";
import { LimitsConfig, ProxyConfig, ServiceUrls } from "./gateway-config.js";

/** The gateway alone, over services that run elsewhere. */
async function main(): Promise<void> {
  const configs = { host: HostConfig, call: CallConfig, urls: ServiceUrls, limits: LimitsConfig, proxies: ProxyConfig };
  const { host, call, urls, limits, proxies } = configsOf(configs, process.env);
  const log = createLog({ level: host.logLevel, name: "gateway" });
  const running = await serveGateway({ ...host, ...limits, ...proxies, urls, callSecret: call.secret, log });
  onShutdown(() => running.close(), log);
  log.info({ url: running.url }, "gateway started");
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
