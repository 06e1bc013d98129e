/** Asks before a verdict goes against what somebody else has said. */
import type { Schemas } from "~/api/client";
import { sessionStore } from "~/api/session";
import { Button } from "~/parts/Button";
import { Dialog } from "~/parts/Dialog";
import * as format from "~/parts/format";
import { makeStore, useStore } from "~/store";

type Review = Schemas["Review"];
type Label = Review["label"];

interface Question {
  label: Label;
  others: readonly Review[];
  answer: (isMeant: boolean) => void;
}

const asked = makeStore<Question | null>(null);

// Without tokens everybody is called the same: what was said here is known by its number.
const ours = new Set<number>();

/** These were said in this tab. */
export function noteOwn(reviews: Iterable<number>): void {
  for (const id of reviews) ours.add(id);
}

/** Whether somebody else has said it; one that is still on its way (id below 0) is one's own. */
export function isOfOthers(review: Review): boolean {
  const me = sessionStore.get();
  const isMine = me?.needs_token === true && me.name === review.reviewer;
  return review.id >= 0 && !ours.has(review.id) && !isMine;
}

export function isOpposite(one: Label | null, other: Label | null): boolean {
  return one !== other && [one, other].every((label) => label && label !== "unsure");
}

/** Those of the reviews that somebody else gave and a verdict would turn round. */
export function overridden(reviews: readonly (Review | null)[], label: Label): Review[] {
  const said = reviews.filter((review) => review !== null);
  return said.filter((review) => isOpposite(review.label, label) && isOfOthers(review));
}

/** Ask whether it is meant; true at once where nobody is contradicted. */
export function mayOverride(others: readonly Review[], label: Label): Promise<boolean> {
  if (others.length === 0) return Promise.resolve(true);
  asked.get()?.answer(false);
  return new Promise((answer) => asked.set({ label, others, answer }));
}

const WORDS: Record<Label, string> = {
  graphene: "graphene",
  not_graphene: "not graphene",
  unsure: "unsure",
};

/** Where it is asked; once, at the end of the page. */
export function Overriding() {
  const question = useStore(asked);
  const answer = (isMeant: boolean) => {
    asked.set(null);
    question?.answer(isMeant);
  };
  const [first, ...more] = question?.others ?? [];
  return (
    <Dialog
      title="Somebody sees it differently"
      isOpen={question !== null}
      onClose={() => answer(false)}
    >
      {question && first && (
        <>
          <p>
            {first.reviewer} said <strong>{WORDS[first.label]}</strong>{" "}
            {format.ago(first.created_at)}
            {more.length > 0 && `, and ${format.count(more.length)} more were judged so`}. Your
            verdict would count instead; theirs stays in the history.
          </p>
          <div class="dialog-end">
            <Button onClick={() => answer(false)}>Leave theirs</Button>
            <Button kind="main" onClick={() => answer(true)}>
              Say {WORDS[question.label]}
            </Button>
          </div>
        </>
      )}
    </Dialog>
  );
}
