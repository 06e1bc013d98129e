import { KEYS } from "~/pages/map/keys";
import { CloseDialog, Dialog } from "~/parts/Dialog";

const NAMES: Record<string, string> = {
  ArrowLeft: "\u2190",
  ArrowRight: "\u2192",
  ArrowUp: "\u2191",
  ArrowDown: "\u2193",
  Escape: "Esc",
  "-": "\u2212",
  F: "Shift F",
  M: "Shift M",
};

/** What the keys of the map do. */
export function Help({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  return (
    <Dialog title="Keys of the map" isOpen={isOpen} onClose={onClose}>
      <dl class="facts">
        {KEYS.map(({ keys, words }) => (
          <div key={words} class="map-key">
            <dt>
              <kbd>{NAMES[keys[0] ?? ""] ?? keys[0]?.toUpperCase()}</kbd>
            </dt>
            <dd>{words}</dd>
          </div>
        ))}
      </dl>
      <CloseDialog onClose={onClose} />
    </Dialog>
  );
}
