import { useState } from "preact/hooks";
import { asProblem, type Problem } from "~/api/client";
import { type Sending, send } from "~/pages/models/send";
import { toast } from "~/parts/toast";

export interface SendingDialog {
  onClose: () => void;
  onDone: () => void;
}

/** A dialog's form with a file: sent once, with how far it is, and stopped when one leaves. */
export function useSending<T>({ onClose, onDone }: SendingDialog) {
  const [problem, setProblem] = useState<Problem | null>(null);
  const [sending, setSending] = useState<Sending<T> | null>(null);
  const [share, setShare] = useState(0);

  /** `words` tell what has become of it. */
  const start = async (path: string, form: FormData, words: (answer: T) => string) => {
    const begun = send<T>(path, form, setShare);
    setProblem(null);
    setSending(begun);
    try {
      toast(words(await begun.done));
      onDone();
      onClose();
    } catch (error) {
      setProblem(asProblem(error));
    } finally {
      setSending(null);
    }
  };
  const leave = () => {
    sending?.stop();
    onClose();
  };
  return { isSending: sending !== null, share, problem, start, leave };
}
