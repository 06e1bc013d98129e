import { api, got } from "~/api/client";
import { useLoaded } from "~/api/loaded";
import type { Said } from "~/pages/scans/upload/fields";
import { Field } from "~/parts/Field";
import { NumberField } from "~/parts/NumberField";

interface Props {
  said: Said;
  onSaid: (said: Said) => void;
  /** Where several are sent at once, each keeps its own name. */
  hasName: boolean;
}

/** Inputs of what the files may not say. */
export function SaidFields({ said, onSaid, hasName }: Props) {
  const type = (name: "name" | "um_per_px" | "oxide_nm" | "material") => (typed: string) =>
    onSaid({ ...said, [name]: typed });
  const text = (name: "name" | "material") => ({
    value: said[name],
    onInput: (event: Event & { currentTarget: HTMLInputElement }) =>
      type(name)(event.currentTarget.value),
  });
  return (
    <>
      {hasName && <Field label="Name">{(wire) => <input {...wire} {...text("name")} />}</Field>}
      <div class="scans-pair">
        <NumberField
          label="Scale in µm per px"
          hint="Empty: what the files say."
          value={said.um_per_px}
          onValue={type("um_per_px")}
        />
        <NumberField
          label="Oxide in nm"
          hint="Usual: 90 or 285. Empty: unknown."
          value={said.oxide_nm}
          onValue={type("oxide_nm")}
        />
        <Field label="Material" hint="As graphene. May be left out.">
          {(wire) => <input {...wire} {...text("material")} />}
        </Field>
        <SubstrateField
          value={said.substrate}
          onValue={(substrate) => onSaid({ ...said, substrate })}
        />
      </div>
      <Orientation said={said} onSaid={onSaid} />
    </>
  );
}

interface SubstrateProps {
  value: string;
  onValue: (id: string) => void;
}

/** Choice of a substrate whose contrasts were measured. */
export function SubstrateField({ value, onValue }: SubstrateProps) {
  const substrates = useLoaded("substrates", () => got(api.GET("/v1/substrates")));
  const items = substrates.value?.items ?? [];
  return (
    <Field
      label="Substrate"
      hint={
        items.length || substrates.isLoading
          ? "Its measured contrasts count layers."
          : "None was measured yet: see Settings."
      }
    >
      {(wire) => (
        <select {...wire} value={value} onChange={(event) => onValue(event.currentTarget.value)}>
          <option value="">none (thin-film model)</option>
          {items.map((one) => (
            <option key={one.id} value={String(one.id)}>
              {one.name}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

const SWITCHES = [
  ["flip_x", "Mirror x: the stage's x grows to the left on the images"],
  ["flip_y", "Mirror y: the stage's y grows upward on the images"],
  ["swap_xy", "Swap x and y: the camera stands turned by 90\u00b0"],
  ["learnsLight", "Learn the flat field from the scan's own tiles (takes the vignette off)"],
  ["again", "Make a new scan, even if the same files were brought in before"],
] as const;

function Orientation({ said, onSaid }: Pick<Props, "said" | "onSaid">) {
  return (
    <details class="scans-more">
      <summary>Orientation, light, bring in again</summary>
      <p class="small quiet">
        Most microscopes write the orientation into their files. Leave it, and look at the scan’s
        placement check afterwards: it says whether images and positions agree, and can put it
        right.
      </p>
      {SWITCHES.map(([name, words]) => (
        <label key={name} class="scans-check">
          <input
            type="checkbox"
            checked={said[name]}
            onChange={(event) => onSaid({ ...said, [name]: event.currentTarget.checked })}
          />
          {words}
        </label>
      ))}
    </details>
  );
}
