import { useEffect, useRef, useState } from "preact/hooks";
import { Board, type Heard } from "~/pages/map/board";
import type { ChipMap } from "~/pages/map/types";

/** The map in an element of the page; undefined until that is there. */
export function useBoard(
  target: { current: HTMLElement | null },
  chip: ChipMap,
  heard: Heard,
): Board | undefined {
  const [board, setBoard] = useState<Board>();
  const latest = useRef(heard);
  latest.current = heard;
  const first = useRef(chip);
  first.current = chip;
  // What a map cannot change once it is made; all else it follows.
  const frame = JSON.stringify([chip.unit, chip.y_axis, chip.origin, chip.resolutions]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another frame needs another map
  useEffect(() => {
    if (!target.current) return;
    const made = new Board(target.current, first.current, {
      onRest: (sight, box) => latest.current.onRest(sight, box),
      onPoint: (place) => latest.current.onPoint(place),
      onClick: (place) => latest.current.onClick(place),
    });
    const watcher = new ResizeObserver(() => made.resize());
    watcher.observe(target.current);
    setBoard(made);
    return () => {
      watcher.disconnect();
      made.close();
      setBoard(undefined);
    };
  }, [frame, target]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the revision tells all that changes
  useEffect(() => board?.renew(chip), [board, chip.revision]);
  return board;
}
