import { useAdminReason } from "~/api/session";
import { MOST_COMPARED } from "~/pages/models/comparison";
import {
  gateOf,
  interval,
  type Model,
  ms,
  onHoldout,
  originOf,
  ownF1,
  parityOf,
  share,
  shortDigest,
  tiny,
  trainingOf,
} from "~/pages/models/facts";
import { Button } from "~/parts/Button";
import * as format from "~/parts/format";
import { type Column, Table } from "~/parts/Table";
import { hrefOf } from "~/router";

interface Props {
  models: readonly Model[];
  compared: readonly string[];
  onCompare: (versions: readonly string[]) => void;
  onPromote: (model: Model) => void;
}

/** One row a version. */
export function VersionTable({ models, compared, onCompare, onPromote }: Props) {
  const admin = useAdminReason();
  const holdout = onHoldout(models);
  const toggle = (version: string) =>
    onCompare(
      compared.includes(version)
        ? compared.filter((one) => one !== version)
        : [...compared, version],
    );

  const columns: Column<Model>[] = [
    { head: "Version", cell: (one) => <Name model={one} /> },
    {
      head: "Compare",
      cell: ({ version }) => (
        <input
          type="checkbox"
          aria-label={`Compare ${version}`}
          checked={compared.includes(version)}
          disabled={!compared.includes(version) && compared.length >= MOST_COMPARED}
          onChange={() => toggle(version)}
        />
      ),
    },
    { head: "Added", cell: (one) => <Added model={one} /> },
    {
      head: "Holdout, balanced acc.",
      isNumber: true,
      cell: ({ version }) => <Known text={share(holdout.get(version))} />,
    },
    { head: "F1, own test", isNumber: true, cell: (one) => <OwnTest model={one} /> },
    {
      head: "Per crop",
      isNumber: true,
      cell: (one) => <Known text={ms(gateOf(one)?.msPerCrop)} />,
    },
    { head: "Parity", isNumber: true, cell: (one) => <Known text={tiny(parityOf(one))} /> },
    {
      head: "Data",
      cell: ({ data_digest }) => (
        <code title={`Digest of its training data: ${data_digest}`}>
          {shortDigest(data_digest)}
        </code>
      ),
    },
    {
      head: "Service",
      cell: (one) => (
        <Button
          label={`Promote ${one.version}`}
          reason={one.is_active ? "It is the active version." : admin}
          onClick={() => onPromote(one)}
        >
          Promote
        </Button>
      ),
    },
  ];
  return (
    <>
      <Table
        caption="Model versions, newest first"
        columns={columns}
        rows={models}
        keyOf={({ version }) => version}
      />
      <p class="small quiet">
        Holdout and time per crop are measured when somebody asks for a promotion; comparing
        measures them, too. <em>Own test</em> is what its training held out: other crops for each
        training, so such figures cannot be compared. <em>Parity</em> is the largest difference
        between the file and the network that was trained; 0.0001 is allowed.
      </p>
    </>
  );
}

function Name({ model }: { model: Model }) {
  const training = trainingOf(model);
  return (
    <span class="models-name">
      <span class="row models-tight">
        <a href={hrefOf(["models", model.version])}>{model.version}</a>
        {model.is_active && <span class="badge is-good">active</span>}
        {gateOf(model)?.isForced && <span class="badge is-warn">forced</span>}
      </span>
      <span class="small quiet">
        {training === null ? (
          originOf(model)
        ) : (
          <a href={hrefOf(["trainings", training])}>{originOf(model)}</a>
        )}
      </span>
    </span>
  );
}

function Added({ model }: { model: Model }) {
  return (
    <span class="models-name">
      <span title={format.moment(model.created_at)}>{format.ago(model.created_at)}</span>
      <span class="small quiet">
        {model.created_by ? `by ${model.created_by}` : "with the service"}
      </span>
    </span>
  );
}

function OwnTest({ model }: { model: Model }) {
  const f1 = ownF1(model);
  if (!f1) return <Known text={format.UNKNOWN} />;
  return (
    <span class="models-name">
      <span>{share(f1.value)}</span>
      <span class="small quiet">{interval(f1)}</span>
      <span class="small quiet">{f1.set === "lab" ? "lab's flakes" : "rendered only"}</span>
    </span>
  );
}

/** Nobody measured it: said, but not in the voice of a figure. */
export function Known({ text }: { text: string }) {
  return text === format.UNKNOWN ? <span class="quiet">{text}</span> : <span>{text}</span>;
}
