import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Loaded } from "~/api/loaded";
import { Aside } from "~/pages/map/Aside";
import { choose, inBox, neighbour, sorted } from "~/pages/map/choice";
import { boxOfTile, useDriftedTiles, useFailedTiles } from "~/pages/map/failed";
import { HoverCard } from "~/pages/map/HoverCard";
import { hit } from "~/pages/map/hit";
import { type Action, useKeys } from "~/pages/map/keys";
import { Legend } from "~/pages/map/Legend";
import { MapTools } from "~/pages/map/MapTools";
import { type Seen, useOutlines } from "~/pages/map/outlines";
import type { MapPlace } from "~/pages/map/place";
import { Readout } from "~/pages/map/Readout";
import { Remarks } from "~/pages/map/Remarks";
import { nearness, rowOf, stageOf } from "~/pages/map/rows";
import { Toolbar } from "~/pages/map/Toolbar";
import type { ChipMap, MapFlakes, Point, Scan } from "~/pages/map/types";
import { useBoard } from "~/pages/map/use_board";
import { useMeasure } from "~/pages/map/use_measure";
import type { SightKeeper } from "~/pages/map/use_place";
import { useScene } from "~/pages/map/use_scene";
import { useOthersVerdicts, useVerdict } from "~/pages/map/use_verdict";
import { copyText } from "~/parts/copy";
import * as format from "~/parts/format";
import { showProblem } from "~/parts/toast";

interface Props {
  scan: Scan;
  chip: ChipMap;
  flakes: Loaded<MapFlakes>;
  place: MapPlace;
  change: (changed: Partial<MapPlace>) => void;
  sight: SightKeeper;
}

/** The map with what stands around it. */
export function MapView({ scan, chip, flakes, place, change, sight }: Props) {
  const target = useRef<HTMLDivElement>(null);
  const [seen, setSeen] = useState<Seen>();
  const [isHelp, setHelp] = useState(false);
  const [pointed, setPointed] = useState<number>();
  const found = flakes.value;
  const { filter, sort, flake } = place;

  const rows = useMemo(() => (found ? choose(found, filter) : []), [found, filter]);
  const order = useMemo(() => (found ? sorted(found, rows, sort) : []), [found, rows, sort]);
  const ids = useMemo(() => order.map((at) => found?.id[at] ?? -1), [found, order]);
  const near = useMemo(
    () => (found && seen ? inBox(found, order, seen.box) : []),
    [found, order, seen],
  );
  const outlines = useOutlines(scan.id, found, seen);
  const failed = useFailedTiles(scan);
  const drifted = useDriftedTiles(scan);

  const board = useBoard(target, chip, {
    onRest: (moved, box) => {
      sight.moved(moved);
      setSeen({ box, resolution: moved.resolution });
    },
    onPoint: (point) => setPointed(point && !measure.what ? under(point) : undefined),
    onClick: (point) => {
      const at = under(point);
      change({ flake: at === undefined ? null : (found?.id[at] ?? null) });
    },
  });
  const measure = useMeasure(board);
  const judge = useVerdict(flakes, flake);
  useOthersVerdicts(scan.id, flakes);

  const under = (point: Point) =>
    found && board ? hit({ flakes: found, rows, outlines }, point, board.resolution) : undefined;

  /** Choose a flake and go there. */
  const visit = (id: number | undefined) => {
    if (id === undefined) return;
    change({ flake: id });
    const at = found && rowOf(found, id);
    if (found && board && at !== undefined) {
      board.fly(stageOf(found, at), nearness(found, at, chip));
    }
  };
  const copy = () => {
    const at = found && rowOf(found, flake);
    if (found && at !== undefined) void copyText(format.place(stageOf(found, at)));
  };

  useScene({
    board,
    chip,
    found,
    rows,
    outlines,
    place,
    pointed,
    failed: failed.boxes,
    drifted,
    asked: sight.asked,
  });

  const { tile } = place;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a scan read anew is the same place
  useEffect(() => {
    if (!board || tile === null) return;
    boxOfTile(tile, scan).then((box) => box && board.lookAtBox(box), showProblem);
  }, [board, tile]);

  const ACTS: Record<Action, () => void> = {
    left: () => board?.pan(-0.25, 0),
    right: () => board?.pan(0.25, 0),
    up: () => board?.pan(0, -0.25),
    down: () => board?.pan(0, 0.25),
    nearer: () => board?.zoom(2),
    farther: () => board?.zoom(0.5),
    all: () => board?.lookAtAll(),
    next: () => visit(neighbour(ids, flake, 1)),
    previous: () => visit(neighbour(ids, flake, -1)),
    distance: () => measure.toggle("distance"),
    area: () => measure.toggle("area"),
    graphene: () => judge("graphene"),
    not_graphene: () => judge("not_graphene"),
    unsure: () => judge("unsure"),
    layers_1: () => judge("graphene", 1),
    layers_2: () => judge("graphene", 2),
    layers_3: () => judge("graphene", 3),
    layers_4: () => judge("graphene", 4),
    take_back: () => judge(null),
    help: () => setHelp(true),
    copy,
    escape: () => (measure.what ? measure.stop() : change({ flake: null })),
  };
  const act = (action: Action) => ACTS[action]();
  useKeys(target, act);

  return (
    <>
      <Toolbar
        scan={scan}
        place={place}
        change={change}
        shown={rows.length}
        flakes={found}
        onVisit={visit}
        onPlace={(point) => board?.fly(point, board.resolution)}
      />
      <div class="map-body">
        <div class="map-frame">
          <section
            ref={target}
            class="map-target"
            // biome-ignore lint/a11y/noNoninteractiveTabindex: arrows move the map
            tabIndex={0}
            // Until it is drawn first, it hears no pointer.
            aria-busy={seen === undefined}
            aria-label={`Chip map of ${scan.name}. Arrows move it, plus and minus zoom. The flakes in view are listed beside it.`}
          />
          <MapTools
            isHelp={isHelp}
            onHelp={setHelp}
            chip={chip}
            place={place}
            change={change}
            act={act}
            measured={measure.what}
          />
          <Remarks scan={scan} chip={chip} flakes={found} failed={failed} measure={measure} />
          <Legend flakes={found} rows={rows} colourBy={place.colourBy} change={change} />
          <Readout board={board} unit={chip.unit} />
          {found && pointed !== undefined && board && (
            <HoverCard flakes={found} at={pointed} board={board} unit={chip.unit} />
          )}
        </div>
        <Aside
          scan={scan}
          unit={chip.unit}
          flakes={found}
          near={near}
          ids={ids}
          place={place}
          change={change}
          onVisit={visit}
          onPoint={setPointed}
          onJudge={judge}
          onCopy={copy}
        />
      </div>
    </>
  );
}
