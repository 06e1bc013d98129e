import { useState } from "preact/hooks";
import { api, got, type Schemas } from "~/api/client";
import type { Scan } from "~/pages/scans/words";
import { Button } from "~/parts/Button";
import { Field } from "~/parts/Field";
import * as format from "~/parts/format";
import { NumberField, readNumber } from "~/parts/NumberField";
import { toast } from "~/parts/toast";

type Match = Schemas["Positions"]["match"];
type Tied = Schemas["Tied"];

const MATCHES: Record<Match, string> = {
  name: "by the tiles' names",
  grid: "by row and column",
  order: "one by one, in the order of the names",
};

interface Props {
  scan: Scan;
}

/** Stage positions and the scale, for a scan that came without them. */
export function Tie({ scan }: Props) {
  const [file, setFile] = useState<File | null>(null);
  const [match, setMatch] = useState<Match>("name");
  const [scale, setScale] = useState("");
  const [isReplacing, setReplacing] = useState(false);
  const [tied, setTied] = useState<Tied | null>(null);
  const um_per_px = readNumber(scale);
  const send = async () => {
    const form = new FormData();
    if (file) form.set("file", file);
    form.set("match", match);
    if (um_per_px) form.set("um_per_px", String(um_per_px));
    form.set("replace", String(isReplacing));
    const params = { path: { scan_id: scan.id } };
    const answer = await got(
      api.POST("/v1/scans/{scan_id}/positions", {
        params,
        body: form as never,
        bodySerializer: (body: unknown) => body as FormData,
      }),
    );
    setTied(answer as Tied);
    toast("The flakes are placed anew.");
  };
  return (
    <form class="card stack" onSubmit={(event) => event.preventDefault()}>
      <h2>Positions and scale</h2>
      <p class="small">
        For a scan that came without them: a list of stage positions (CSV with{" "}
        <code>name,stage_x_um,stage_y_um</code>, Micro-Manager .pos, NIS-Elements XML, useq), the
        scale, or both.
      </p>
      <Field label="List of positions">
        {(wire) => (
          <input
            {...wire}
            type="file"
            accept=".csv,.txt,.pos,.xml,.json"
            onChange={(event) => setFile(event.currentTarget.files?.[0] ?? null)}
          />
        )}
      </Field>
      <Field label="Its places find their tiles">
        {(wire) => (
          <select
            {...wire}
            value={match}
            onChange={(event) => setMatch(event.currentTarget.value as Match)}
          >
            {Object.entries(MATCHES).map(([value, words]) => (
              <option key={value} value={value}>
                {words}
              </option>
            ))}
          </select>
        )}
      </Field>
      <NumberField
        label="Scale in µm per px"
        hint={scan.um_per_px === null ? "Unknown so far." : `${scan.um_per_px} so far.`}
        value={scale}
        onValue={setScale}
      />
      <label class="row">
        <input
          type="checkbox"
          checked={isReplacing}
          onChange={(event) => setReplacing(event.currentTarget.checked)}
        />
        Other positions that are known give way
      </label>
      <Button kind="main" type="submit" reason={whyNot(file, um_per_px)} onClick={send}>
        Place the tiles
      </Button>
      {tied && <p role="status">{tiedWords(tied)}</p>}
    </form>
  );
}

function whyNot(file: File | null, scale: number | null | undefined): string | null {
  if (scale === undefined) return "The scale must be a number above 0.";
  return file || scale ? null : "Choose a list, or give the scale.";
}

function tiedWords({ matched, tiles, unmatched_tiles }: Tied): string {
  const found = `${format.count(matched)} of ${format.count(tiles)} tiles have their position from the list.`;
  const [first] = unmatched_tiles;
  return first
    ? `${found} Without one: ${first}${unmatched_tiles.length > 1 ? " and others" : ""}.`
    : found;
}
