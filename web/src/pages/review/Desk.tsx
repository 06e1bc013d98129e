import type { RefObject } from "preact";
import { useRef, useState } from "preact/hooks";
import { mayOverride, overridden } from "~/parts/overriding";
import { announce } from "~/parts/toast";
import { useStore } from "~/store";
import { Bar } from "./Bar";
import { Bulk } from "./Bulk";
import { type Flake, shownReview, type Verdict } from "./desk";
import { Gallery } from "./Gallery";
import { deskStore, give, undo } from "./giving";
import { KeyHelp } from "./KeyHelp";
import type { Action } from "./keys";
import { type List, useList } from "./list";
import { moved } from "./moves";
import { Nothing } from "./Nothing";
import { Said } from "./Said";
import { Single } from "./Single";
import { allOrNone, extended, MOST_UNASKED, NONE, type Selection, toggled } from "./selection";
import { useKeys } from "./use_keys";
import { useNow } from "./use_now";
import { useOthersVerdicts } from "./use_others";
import type { Go } from "./use_where";
import type { Where } from "./where";

interface Props {
  scanId: number | undefined;
  where: Where;
  /** The same, before it is drawn. */
  now: RefObject<Where>;
  go: Go;
  onReload: () => void;
}

// So many before the end of what was read, the next page is asked for.
const AHEAD = 20;

/** One list, looked at in the gallery or one by one, and the verdicts that are given on it. */
export function Desk({ scanId, where, now, go, onReload }: Props) {
  const list = useList(where, scanId, where.flake);
  const desk = useStore(deskStore);
  const [selection, setSelection, chosen] = useNow<Selection>(NONE);
  const [asked, setAsked] = useState<Verdict | null>(null);
  const [isHelp, setHelp] = useState(false);
  const grid = useRef<HTMLDivElement>(null);
  // What was typed beside a flake and goes with its next verdict.
  const notes = useRef(new Map<number, string>());

  const { items } = list;
  const order = items.map(({ flake }) => flake.id);
  // While the named flake is on its way nothing stands in its place: a key would judge that.
  const indexOf = ({ flake }: Where) => {
    const index = flake === null ? 0 : order.indexOf(flake);
    return index < 0 && !list.isLoading ? 0 : index;
  };
  const at = indexOf(where);
  const current = items[at];
  const reviewOf = (flake: Flake) => shownReview(desk, flake);
  useOthersVerdicts(list);

  const show = (index: number) => {
    const id = order[index];
    if (id !== undefined) go({ flake: id });
    if (index > order.length - AHEAD) list.more();
  };

  const judgeOne = async (flake: Flake, verdict: Verdict) => {
    const against = overridden([shownReview(deskStore.get(), flake)], verdict.label);
    // Without a question at once: the next key may be on its way.
    if (against.length > 0 && !(await mayOverride(against, verdict.label))) return;
    const note = notes.current.get(flake.id) ?? shownReview(deskStore.get(), flake)?.note ?? null;
    give([flake], { ...verdict, note: note || null }, list.change);
    const next = indexOf(now.current) + 1;
    if (next < order.length) show(next);
    else announce("This was the last one.");
  };
  const judgeMany = async (verdict: Verdict) => {
    const flakes = items.map(({ flake }) => flake).filter(({ id }) => chosen.current.ids.has(id));
    setAsked(null);
    const said = flakes.map((flake) => shownReview(deskStore.get(), flake));
    if (!(await mayOverride(overridden(said, verdict.label), verdict.label))) return;
    setSelection(NONE);
    await give(flakes, verdict, list.change);
  };
  const judge = (verdict: Verdict) => {
    const many = chosen.current.ids.size;
    if (now.current.isSingle || many === 0) {
      const item = items[indexOf(now.current)];
      if (item) judgeOne(item.flake, verdict);
    } else if (many > MOST_UNASKED) setAsked(verdict);
    else judgeMany(verdict);
  };
  const takeBack = async () => {
    const [id, ...others] = await undo(list.change);
    if (id !== undefined && others.length === 0 && order.includes(id)) go({ flake: id });
  };
  const move = (action: Extract<Action, { do: "move" }>) => {
    const { isSingle } = now.current;
    const columns = isSingle ? 1 : columnsOf(grid.current);
    const before = indexOf(now.current);
    const next = moved(before, action.to, columns, order.length);
    const [from, to] = [order[before], order[next]];
    show(next);
    if (isSingle || from === undefined || to === undefined) return;
    if (action.isExtending) setSelection(extended(chosen.current, order, from, to));
  };
  const back = () => {
    if (now.current.isSingle) go({ isSingle: false }, true);
    else setSelection(NONE);
  };
  const open = () => {
    const id = order[indexOf(now.current)];
    if (id !== undefined && !now.current.isSingle) go({ isSingle: true, flake: id }, true);
  };
  const choose = (change: (id: number) => Selection) => {
    const id = order[indexOf(now.current)];
    if (!now.current.isSingle && id !== undefined) setSelection(change(id));
  };

  useKeys((action) => {
    if (action.do === "verdict") {
      judge({ label: action.label, layers: action.layers, note: null });
    } else if (action.do === "move") move(action);
    else {
      const plain = {
        undo: takeBack,
        open,
        back,
        help: () => setHelp(true),
        outline: () => go({ isOutlined: !now.current.isOutlined }),
        contrast: () => go({ isContrast: !now.current.isContrast }),
        all: () => choose(() => allOrNone(chosen.current, order)),
        select: () => choose((id) => toggled(chosen.current, id)),
      };
      plain[action.do]();
    }
  });

  const shared = { list, at, where, reviewOf };
  return (
    <div class={where.isSingle ? "review is-single" : "review"}>
      <Bar scanId={scanId} where={where} go={go} onReload={onReload} />
      <Nothing list={list} where={where} go={go} onReload={onReload} scanId={scanId} />
      {current && where.isSingle && (
        <Single {...shared} item={current} notes={notes.current} onMove={show} />
      )}
      {current && !where.isSingle && (
        <Gallery
          {...shared}
          grid={grid}
          selection={selection}
          onSelect={setSelection}
          onShow={show}
          onOpen={open}
        />
      )}
      {current && (
        <Said
          shown={countOf(list, desk.reviewed)}
          chosen={where.isSingle ? 0 : selection.ids.size}
          onJudge={judge}
          onUndo={takeBack}
          onHelp={() => setHelp(true)}
          canUndo={desk.trail.length + desk.waiting.length > 0}
        />
      )}
      <Bulk
        verdict={asked}
        chosen={selection.ids.size}
        onClose={() => setAsked(null)}
        onConfirm={judgeMany}
      />
      <KeyHelp isOpen={isHelp} onClose={() => setHelp(false)} />
    </div>
  );
}

/** How many columns the gallery has at its present width. */
function columnsOf(grid: HTMLElement | null): number {
  return grid ? getComputedStyle(grid).gridTemplateColumns.split(" ").length : 1;
}

function countOf({ items, total, isExact, hasMore }: List, reviewed: ReadonlySet<number>) {
  const done = items.filter(({ flake }) => reviewed.has(flake.id)).length;
  return {
    done,
    of: Math.max(total ?? 0, items.length),
    // A list that does not count itself is at least as long as what was read.
    isExact: total === undefined ? !hasMore : isExact,
  };
}
