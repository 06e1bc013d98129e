import { useState } from "preact/hooks";
import { api, got, type Schemas } from "~/api/client";
import { useLoaded } from "~/api/loaded";
import { useAdminReason } from "~/api/session";
import { AddSubstrate } from "~/pages/settings/AddSubstrate";
import { layersOf } from "~/pages/settings/references";
import { Button, DeleteButton } from "~/parts/Button";
import { Confirm } from "~/parts/Dialog";
import * as format from "~/parts/format";
import { Empty, Shown } from "~/parts/notes";
import { type Column, Table } from "~/parts/Table";
import { toast } from "~/parts/toast";

type Substrate = Schemas["Substrate"];

/** Kinds of chip whose contrasts somebody measured. */
export function Substrates() {
  const reason = useAdminReason();
  const substrates = useLoaded("substrates", () => got(api.GET("/v1/substrates")));
  const [leaving, setLeaving] = useState<Substrate | null>(null);
  const [isAdding, setAdding] = useState(false);

  const columns: Column<Substrate>[] = [
    { head: "Name", cell: (one) => one.name },
    {
      head: "Oxide",
      isNumber: true,
      cell: (one) => (one.oxide_nm === null ? format.UNKNOWN : `${one.oxide_nm} nm`),
    },
    { head: "Layers measured", cell: (one) => layersOf(one.reference_contrasts) },
    { head: "Added", cell: (one) => format.ago(one.created_at) },
    {
      head: "Remove",
      cell: (one) => (
        <DeleteButton name={one.name} reason={reason} onClick={() => setLeaving(one)} />
      ),
    },
  ];
  const remove = async (one: Substrate) => {
    const path = { substrate_id: one.id };
    await got(api.DELETE("/v1/substrates/{substrate_id}", { params: { path } }));
    toast(`${one.name} was deleted.`);
    substrates.reload();
  };

  return (
    <div class="stack">
      <div class="row spread">
        <p class="quiet">
          Contrasts that you measured replace the thin-film model when layers are read.
        </p>
        <Button kind="main" onClick={() => setAdding(true)}>
          Add a substrate
        </Button>
      </div>
      <Shown loaded={substrates}>
        {({ items }) =>
          items.length ? (
            <Table caption="Substrates" columns={columns} rows={items} keyOf={(one) => one.id} />
          ) : (
            <Empty title="No substrate yet">Layers are read by the thin-film model alone.</Empty>
          )
        }
      </Shown>
      <AddSubstrate
        isOpen={isAdding}
        onClose={() => setAdding(false)}
        onAdded={substrates.reload}
      />
      <Confirm
        title={`Delete ${leaving?.name ?? ""}?`}
        isOpen={leaving !== null}
        onClose={() => setLeaving(null)}
        verb="Delete"
        onConfirm={async () => leaving && remove(leaving)}
      >
        <p>A substrate to which a scan refers cannot be deleted.</p>
      </Confirm>
    </div>
  );
}
