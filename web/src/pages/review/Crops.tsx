import { useState } from "preact/hooks";
import { pairOf } from "./crops";

interface Props {
  flakeId: number;
  isOutlined: boolean;
}

/** The flake in colour and in contrast, side by side. */
export function Crops({ flakeId, isOutlined }: Props) {
  const { colour, contrast } = pairOf(flakeId, isOutlined);
  // By the flake: the picture of the one before must never stand beside this one's figures.
  return (
    <div class="single-crops">
      <Crop key={`colour ${flakeId}`} url={colour} name="In colour" flakeId={flakeId} />
      <Crop key={`contrast ${flakeId}`} url={contrast} name="In contrast" flakeId={flakeId} />
    </div>
  );
}

function Crop({ url, name, flakeId }: { url: string; name: string; flakeId: number }) {
  const [broken, setBroken] = useState<string | null>(null);
  return (
    <figure>
      {broken === url ? (
        <p class="single-broken">This picture cannot be had: its tile may have been deleted.</p>
      ) : (
        <img
          src={url}
          alt={`Flake ${flakeId}, ${name.toLowerCase()}`}
          onError={() => setBroken(url)}
        />
      )}
      <figcaption class="small quiet">
        {name}
        {name === "In contrast" && ": grey is bare substrate"}
      </figcaption>
    </figure>
  );
}
