import type { Asked, Order } from "~/pages/scans/find";

interface Props {
  asked: Asked;
  onAsked: (asked: Asked) => void;
}

/** Search and order of the list of scans. */
export function FindScans({ asked, onAsked }: Props) {
  return (
    <search class="row scans-find" aria-label="Find scans">
      <input
        type="search"
        size={28}
        aria-label="Search scans"
        placeholder="Name, material or source"
        value={asked.text}
        onInput={(event) => onAsked({ ...asked, text: event.currentTarget.value })}
      />
      <select
        aria-label="Order of the scans"
        value={asked.order}
        onChange={(event) => onAsked({ ...asked, order: event.currentTarget.value as Order })}
      >
        <option value="newest">newest first</option>
        <option value="oldest">oldest first</option>
        <option value="name">by name</option>
        <option value="graphene">most graphene first</option>
      </select>
    </search>
  );
}
