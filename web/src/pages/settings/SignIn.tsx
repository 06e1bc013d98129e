import { useState } from "preact/hooks";
import { asProblem, type Problem } from "~/api/problem";
import { signIn } from "~/api/session";
import type { PageProps } from "~/pages/page";
import { Button } from "~/parts/Button";
import { Field } from "~/parts/Field";
import { ProblemNote } from "~/parts/notes";
import { goTo, hrefOf } from "~/router";

export default function SignIn({ place }: PageProps) {
  const [token, setToken] = useState("");
  const [problem, setProblem] = useState<Problem>();
  const submit = async (event: Event) => {
    event.preventDefault();
    try {
      await signIn(token.trim());
    } catch (error) {
      setProblem(asProblem(error));
      return;
    }
    const next = place.query.get("next") ?? "";
    goTo(next.startsWith("#/") ? next : hrefOf(["scans"]));
  };
  return (
    <form class="card stack signin" onSubmit={submit}>
      <h1>Sign in</h1>
      <p class="quiet">
        An administrator makes tokens: <code>flakescope token create NAME</code>. The browser keeps
        it where no script can read it.
      </p>
      <Field label="Access token">
        {(wire) => (
          <input
            {...wire}
            type="password"
            autocomplete="current-password"
            value={token}
            onInput={(event) => setToken(event.currentTarget.value)}
          />
        )}
      </Field>
      {problem && <ProblemNote problem={problem} />}
      <Button type="submit" kind="main" reason={token.trim() ? null : "Enter a token first."}>
        Sign in
      </Button>
    </form>
  );
}
