import { api, got } from "~/api/client";
import { useLoaded } from "~/api/loaded";
import { ago, moment } from "~/parts/format";
import { Shown } from "~/parts/notes";
import type { Flake } from "./desk";
import { verdictWords } from "./words";

/** Who said what of a flake, and when; the latest first. */
export function History({ flake }: { flake: Flake }) {
  const params = { path: { flake_id: flake.id } };
  const past = useLoaded(`${flake.id} ${flake.review?.id}`, () =>
    got(api.GET("/v1/flakes/{flake_id}/reviews", { params })),
  );
  return (
    <section class="card" aria-label="Reviews of this flake">
      <h3>Reviews</h3>
      <Shown loaded={past}>
        {({ items }) =>
          items.length === 0 ? (
            <p class="quiet">Nobody has said anything yet.</p>
          ) : (
            <ol class="single-past">
              {items.toReversed().map((one) => (
                <li key={one.id} class={one.undone_at ? "is-undone" : undefined}>
                  <span>{verdictWords(one)}</span>{" "}
                  <span class="small quiet" title={moment(one.created_at)}>
                    {one.reviewer}, {ago(one.created_at)}
                    {one.undone_at && `; undone by ${one.undone_by ?? "somebody"}`}
                  </span>
                  {one.note && <p class="small">{one.note}</p>}
                </li>
              ))}
            </ol>
          )
        }
      </Shown>
    </section>
  );
}
