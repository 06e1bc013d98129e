import { api, got, type Schemas } from "~/api/client";
import { makeStore, useStore } from "~/store";

export type Session = Schemas["Session"];

/** Who uses the page; null while nobody knows, or where a token is needed first. */
export const sessionStore = makeStore<Session | null>(null);

export function useSession(): Session | null {
  return useStore(sessionStore);
}

/** Why the caller may not do what an administrator may, or null where that is allowed. */
export function useAdminReason(): string | null {
  const session = useSession();
  if (!session) return "Sign in first.";
  return session.role === "admin"
    ? null
    : `This needs an administrator; "${session.name}" is an ${session.role}.`;
}

/** Ask the service who uses the page. */
export async function readSession(): Promise<void> {
  sessionStore.set(await got(api.GET("/v1/session")));
}

/** Let the browser keep a token that no script can read; throws `Problem` for a wrong one. */
export async function signIn(token: string): Promise<void> {
  sessionStore.set(await got(api.POST("/v1/session/cookie", { body: { token } })));
}

/** Let the browser forget its token. */
export async function signOut(): Promise<void> {
  await got(api.DELETE("/v1/session/cookie"));
  sessionStore.set(null);
}
