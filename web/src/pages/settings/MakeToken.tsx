import { useState } from "preact/hooks";
import { api, got, type Schemas } from "~/api/client";
import { asProblem, type Problem } from "~/api/problem";
import { sessionStore, signIn } from "~/api/session";
import { Button } from "~/parts/Button";
import { Dialog } from "~/parts/Dialog";
import { Field } from "~/parts/Field";
import { Note, ProblemNote } from "~/parts/notes";
import { toast } from "~/parts/toast";

type Made = Schemas["MadeToken"];
type Role = Schemas["NewToken"]["role"];

interface Props {
  isOpen: boolean;
  onClose: () => void;
  onMade: () => void;
}

/** Asks for a name and a role, then shows the token this once. */
export function MakeToken({ isOpen, onClose, onMade }: Props) {
  return (
    <Dialog title="Make an access token" isOpen={isOpen} onClose={onClose}>
      <Making onClose={onClose} onMade={onMade} />
    </Dialog>
  );
}

function Making({ onClose, onMade }: Omit<Props, "isOpen">) {
  const [made, setMade] = useState<Made | null>(null);
  const keep = async (token: Made) => {
    setMade(token);
    // The first token shuts the open door: this browser goes in by it.
    const session = sessionStore.get();
    if (session && !session.needs_token && token.role === "admin") await signIn(token.token);
    onMade();
  };
  return made ? (
    <ShownOnce made={made} onClose={onClose} />
  ) : (
    <Form onClose={onClose} onMade={keep} />
  );
}

function ShownOnce({ made, onClose }: { made: Made; onClose: () => void }) {
  const copy = () => navigator.clipboard.writeText(made.token).then(() => toast("Copied."));
  return (
    <div class="stack">
      <Note kind="warn">This is shown once. Who has it can do what its role may.</Note>
      <Field label={`Token of ${made.name}`}>
        {(wire) => (
          <input
            {...wire}
            class="mono"
            readOnly
            value={made.token}
            onFocus={(event) => event.currentTarget.select()}
          />
        )}
      </Field>
      <div class="dialog-end">
        {/* Browsers let pages copy on https and on this machine alone. */}
        {isSecureContext && <Button onClick={copy}>Copy</Button>}
        <Button kind="main" onClick={onClose}>
          I have kept it
        </Button>
      </div>
    </div>
  );
}

function Form({ onClose, onMade }: { onClose: () => void; onMade: (made: Made) => Promise<void> }) {
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("operator");
  const [days, setDays] = useState("365");
  const [problem, setProblem] = useState<Problem | null>(null);
  const make = async (event: Event) => {
    event.preventDefault();
    const body = { name: name.trim(), role, expires_days: days ? Number(days) : null };
    try {
      await onMade(await got(api.POST("/v1/tokens", { body })));
    } catch (error) {
      setProblem(asProblem(error));
    }
  };
  return (
    <form class="stack" onSubmit={make}>
      <Field label="Name" hint="A person or a machine: it stands beside what they do.">
        {(wire) => (
          <input {...wire} value={name} onInput={(event) => setName(event.currentTarget.value)} />
        )}
      </Field>
      <Field label="Role" hint="An administrator also trains, promotes, deletes and makes tokens.">
        {(wire) => (
          <select
            {...wire}
            value={role}
            onChange={(event) => setRole(event.currentTarget.value as Role)}
          >
            <option value="operator">operator</option>
            <option value="admin">administrator</option>
          </select>
        )}
      </Field>
      <Field label="Valid for days" hint="Empty: until somebody revokes it.">
        {(wire) => (
          <input
            {...wire}
            type="number"
            min="1"
            value={days}
            onInput={(event) => setDays(event.currentTarget.value)}
          />
        )}
      </Field>
      {problem && <ProblemNote problem={problem} />}
      <div class="dialog-end">
        <Button onClick={onClose}>Leave</Button>
        <Button type="submit" kind="main" reason={name.trim() ? null : "Give it a name first."}>
          Make
        </Button>
      </div>
    </form>
  );
}
