import { useState } from "preact/hooks";
import { api, got, type Schemas } from "~/api/client";
import { useLoaded } from "~/api/loaded";
import { MakeToken } from "~/pages/settings/MakeToken";
import { Button } from "~/parts/Button";
import { Confirm } from "~/parts/Dialog";
import * as format from "~/parts/format";
import { Empty, Shown } from "~/parts/notes";
import { type Column, Table } from "~/parts/Table";
import { toast } from "~/parts/toast";

type Token = Schemas["Token"];

/** Who may come in, and until when. */
export function Tokens() {
  const tokens = useLoaded("tokens", () => got(api.GET("/v1/tokens")));
  const [leaving, setLeaving] = useState<Token | null>(null);
  const [isMaking, setMaking] = useState(false);

  const columns: Column<Token>[] = [
    { head: "Name", cell: (one) => one.name },
    { head: "Role", cell: (one) => one.role },
    { head: "State", cell: (one) => <TokenState token={one} /> },
    { head: "Made", cell: (one) => format.moment(one.created_at) },
    { head: "Last used", cell: (one) => format.ago(one.last_used_at) },
    {
      head: "End",
      cell: (one) => (
        <Button
          kind="plain"
          label={`Revoke ${one.name}`}
          reason={one.revoked_at ? "It is revoked already." : null}
          onClick={() => setLeaving(one)}
        >
          Revoke
        </Button>
      ),
    },
  ];
  const revoke = async ({ name }: Token) => {
    await got(api.DELETE("/v1/tokens/{name}", { params: { path: { name } } }));
    toast(`${name} was revoked.`);
    tokens.reload();
  };

  return (
    <div class="stack">
      <div class="row spread">
        <p class="quiet">
          From the first token on, a service on this machine alone asks for one, too. Make one for
          an administrator first.
        </p>
        <Button kind="main" onClick={() => setMaking(true)}>
          Make a token
        </Button>
      </div>
      <Shown loaded={tokens}>
        {({ items }) =>
          items.length ? (
            <Table
              caption="Access tokens"
              columns={columns}
              rows={items}
              keyOf={(one) => one.name}
            />
          ) : (
            <Empty title="No token yet">Who sits at this machine may do everything.</Empty>
          )
        }
      </Shown>
      <MakeToken isOpen={isMaking} onClose={() => setMaking(false)} onMade={tokens.reload} />
      <Confirm
        title={`Revoke ${leaving?.name ?? ""}?`}
        isOpen={leaving !== null}
        onClose={() => setLeaving(null)}
        verb="Revoke"
        onConfirm={async () => leaving && revoke(leaving)}
      >
        <p>Who uses it is out at once. Its name stays in reviews and in the audit log.</p>
      </Confirm>
    </div>
  );
}

function TokenState({ token }: { token: Token }) {
  if (token.revoked_at) return <span class="badge is-bad">revoked</span>;
  if (!token.expires_at) return <span class="badge is-good">valid</span>;
  const isOver = Date.parse(token.expires_at) < Date.now();
  return (
    <span class={isOver ? "badge is-bad" : "badge is-good"}>
      {isOver ? "expired" : "until"} {format.moment(token.expires_at)}
    </span>
  );
}
