import { setGlobalProxyFromEnv } from "node:http";

const variables = ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY"];

/**
 * Downloads go by the proxy that the environment names, as with curl and apt: Node by itself passes it over. `no_proxy`
 * names the hosts that are asked directly.
 */
export function useProxyOf(environment: NodeJS.ProcessEnv): void {
  if (variables.some((name) => environment[name])) setGlobalProxyFromEnv(environment);
}
