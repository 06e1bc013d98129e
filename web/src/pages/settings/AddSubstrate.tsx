import { useState } from "preact/hooks";
import { api, got } from "~/api/client";
import { asProblem, type Problem } from "~/api/problem";
import { layersOf, type References, readReferences } from "~/pages/settings/references";
import { Button } from "~/parts/Button";
import { Dialog } from "~/parts/Dialog";
import { Field } from "~/parts/Field";
import { NumberField, readNumber } from "~/parts/NumberField";
import { ProblemNote } from "~/parts/notes";
import { toast } from "~/parts/toast";

interface Props {
  isOpen: boolean;
  onClose: () => void;
  onAdded: () => void;
}

/** Asks for a name, the oxide, and the file of contrasts. */
export function AddSubstrate({ isOpen, onClose, onAdded }: Props) {
  return (
    <Dialog title="Add a substrate" isOpen={isOpen} onClose={onClose}>
      <Form onClose={onClose} onAdded={onAdded} />
    </Dialog>
  );
}

function Form({ onClose, onAdded }: Omit<Props, "isOpen">) {
  const [name, setName] = useState("");
  const [oxide, setOxide] = useState("");
  const [references, setReferences] = useState<References | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const oxide_nm = readNumber(oxide);

  const readFile = async (file: File | undefined) => {
    setProblem(null);
    try {
      setReferences(file ? readReferences(await file.text()) : null);
    } catch (error) {
      setReferences(null);
      setProblem(asProblem(error));
    }
  };
  const add = async (event: Event) => {
    event.preventDefault();
    const body = { name: name.trim(), oxide_nm, reference_contrasts: references };
    try {
      await got(api.POST("/v1/substrates", { body }));
    } catch (error) {
      setProblem(asProblem(error));
      return;
    }
    toast(`${body.name} was added.`);
    onAdded();
    onClose();
  };

  return (
    <form class="stack" onSubmit={add}>
      <Field label="Name">
        {(wire) => (
          <input {...wire} value={name} onInput={(event) => setName(event.currentTarget.value)} />
        )}
      </Field>
      <NumberField
        label="Oxide in nm"
        hint="Leave it empty where nobody knows."
        value={oxide}
        onValue={setOxide}
      />
      <Field
        label="Contrasts"
        hint={
          references
            ? `Layers in this file: ${layersOf(references)}`
            : "JSON as 2DMatGMM or A2D write it; may be left out."
        }
      >
        {(wire) => (
          <input
            {...wire}
            type="file"
            accept="application/json,.json"
            onChange={(event) => readFile(event.currentTarget.files?.[0])}
          />
        )}
      </Field>
      {problem && <ProblemNote problem={problem} />}
      <div class="dialog-end">
        <Button onClick={onClose}>Leave</Button>
        <Button type="submit" kind="main" reason={whyNot(name, oxide_nm)}>
          Add
        </Button>
      </div>
    </form>
  );
}

function whyNot(name: string, oxide_nm: number | null | undefined): string | null {
  if (!name.trim()) return "Give it a name first.";
  return oxide_nm === undefined ? "The oxide must be a number above 0." : null;
}
