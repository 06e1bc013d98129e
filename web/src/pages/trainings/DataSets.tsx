import { useState } from "preact/hooks";
import { api, got, type Schemas, urlOf } from "~/api/client";
import { useLoaded } from "~/api/loaded";
import { useAdminReason } from "~/api/session";
import { SectionNav } from "~/pages/models/SectionNav";
import { AddDataSet } from "~/pages/trainings/AddDataSet";
import { Button, DeleteButton } from "~/parts/Button";
import { Confirm } from "~/parts/Dialog";
import * as format from "~/parts/format";
import { Empty, Shown } from "~/parts/notes";
import { type Column, Table } from "~/parts/Table";
import { toast } from "~/parts/toast";

type Dataset = Schemas["Dataset"];

const KINDS: Record<string, string> = {
  classes: "folders by class",
  flat: "pictures by name",
  coco: "COCO",
};

/** Labelled pictures that somebody brought in; and the way out. */
export function DataSets() {
  const datasets = useLoaded("datasets", () => got(api.GET("/v1/datasets")));
  const admin = useAdminReason();
  const [isAdding, setAdding] = useState(false);
  const [leaving, setLeaving] = useState<Dataset | null>(null);
  const remove = async ({ id, name }: Dataset) => {
    const params = { path: { dataset_id: id } };
    await got(api.DELETE("/v1/datasets/{dataset_id}", { params }));
    toast(`${name} was deleted.`);
    datasets.reload();
  };
  return (
    <>
      <div class="page-head">
        <h1>Data sets</h1>
        <div class="row">
          <a class="button" href={urlOf("/v1/datasets/export")} download>
            Download all that is labelled
          </a>
          <Button kind="main" reason={admin} onClick={() => setAdding(true)}>
            Bring in a data set
          </Button>
        </div>
      </div>
      <SectionNav at="datasets" />
      <div class="stack">
        <p class="quiet">
          Labelled pictures that trainings may learn from, beside the lab's reviews. The download is
          the way out: every flake that somebody is sure of, as COCO with masks and its tiles, a
          folder for each scan; it can be brought in elsewhere.
        </p>
        <Shown loaded={datasets}>
          {({ items }) =>
            items.length ? (
              <Table
                caption="Data sets, newest first"
                columns={columnsOf(admin, setLeaving)}
                rows={items}
                keyOf={({ id }) => id}
              />
            ) : (
              <Empty title="No data set yet">
                Bring in a zip of pictures that are labelled already, or learn from reviews alone.
              </Empty>
            )
          }
        </Shown>
      </div>
      <AddDataSet isOpen={isAdding} onClose={() => setAdding(false)} onDone={datasets.reload} />
      <Confirm
        title={`Delete ${leaving?.name ?? ""}?`}
        isOpen={leaving !== null}
        onClose={() => setLeaving(null)}
        verb="Delete"
        onConfirm={async () => leaving && remove(leaving)}
      >
        <p>
          {leaving?.kept_scan
            ? "These are the reviews of a scan that was deleted: they are lost with it. "
            : "Its pictures are removed from this service. "}
          What versions have learned from it stays.
        </p>
      </Confirm>
    </>
  );
}

function columnsOf(admin: string | null, onLeave: (one: Dataset) => void): Column<Dataset>[] {
  return [
    {
      head: "Name",
      cell: ({ id, name, kept_scan }) => (
        <span class="models-name">
          <span>
            {id}: {name}
          </span>
          {kept_scan !== null && (
            <span class="small quiet">reviews of {kept_scan}, which was deleted</span>
          )}
        </span>
      ),
    },
    { head: "Kind", cell: ({ kind }) => KINDS[kind] ?? kind },
    { head: "Graphene", isNumber: true, cell: ({ graphene }) => format.count(graphene) },
    { head: "Other", isNumber: true, cell: ({ other }) => format.count(other) },
    { head: "Groups", isNumber: true, cell: ({ groups }) => format.count(groups) },
    { head: "Size", isNumber: true, cell: ({ size_bytes }) => format.bytes(size_bytes) },
    {
      head: "Added",
      cell: ({ created_at, created_by }) => (
        <span class="models-name">
          <span title={format.moment(created_at)}>{format.ago(created_at)}</span>
          <span class="small quiet">by {created_by}</span>
        </span>
      ),
    },
    {
      head: "End",
      cell: (one) => <DeleteButton name={one.name} reason={admin} onClick={() => onLeave(one)} />,
    },
  ];
}
