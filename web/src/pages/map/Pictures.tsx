import { useState } from "preact/hooks";
import { cropOf } from "~/pages/map/crop";
import { Button } from "~/parts/Button";

/** The flake in colour and in contrast to the bare substrate. */
export function Pictures({ id }: { id: number }) {
  const [outline, setOutline] = useState(false);
  return (
    <div class="map-pictures">
      <figure>
        <img src={cropOf(id, { outline })} alt={`Flake ${id} in colour`} />
        <figcaption class="small quiet">colour</figcaption>
      </figure>
      <figure>
        <img
          src={cropOf(id, { outline, view: "contrast" })}
          alt={`Flake ${id} in contrast to the substrate`}
        />
        <figcaption class="small quiet">contrast</figcaption>
      </figure>
      <Button isPressed={outline} onClick={() => setOutline(!outline)}>
        Outline
      </Button>
    </div>
  );
}
