import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { AppError, type Log } from "@greentick/kernel";
import { createTransport } from "nodemailer";
import { type Mailer, type MailMessage, type MailSettings } from "../../ports/people.js";

/** What a mail server may take for one message. */
const smtpTimeouts = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 20_000 } as const;

/** Sends through a mail server, or writes files that a mail program opens. The log learns that a message went, never what stands in it. */
export const mailer = (settings: MailSettings, log: Log): Mailer =>
  settings.target.kind === "smtp"
    ? smtpMailer(settings.target.url, settings.from, log)
    : folderMailer(settings.target.path, settings.from, log);

const domainOf = (from: string): string => /@([\w.-]+)/.exec(from)?.[1] ?? "localhost";

const addressed = (message: MailMessage, from: string): Record<string, unknown> => ({
  from,
  to: message.to,
  subject: message.subject,
  text: message.text,
  messageId: `<${message.messageId}@${domainOf(from)}>`,
  disableFileAccess: true,
  disableUrlAccess: true,
});

function smtpMailer(url: string, from: string, log: Log): Mailer {
  const transport = createTransport({ url, ...smtpTimeouts, disableFileAccess: true, disableUrlAccess: true });
  return {
    send: async (message) => {
      try {
        await transport.sendMail(addressed(message, from));
      } catch (cause) {
        throw refusesForGood(cause) ? mailRefused(message, cause) : mailUnavailable(cause);
      }
      log.info({ messageId: message.messageId }, "message handed to the mail server");
    },
  };
}

function folderMailer(path: string, from: string, log: Log): Mailer {
  const folder = resolve(path);
  const transport = createTransport({ streamTransport: true, buffer: true, newline: "unix" });
  return {
    send: async (message) => {
      const { message: bytes } = await transport.sendMail(addressed(message, from));
      const file = join(folder, `${message.messageId.replaceAll(/[^\w.-]/g, "_")}.eml`);
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        await writeFile(file, bytes as Buffer, { mode: 0o600 });
      } catch (cause) {
        throw mailUnavailable(cause);
      }
      log.info({ messageId: message.messageId, file }, "message written to the folder of messages");
    },
  };
}

/** A reply of the 500s is final: the same message is not to be sent again as it is (RFC 5321 §4.2.1). */
const refusesForGood = (cause: unknown): boolean =>
  cause instanceof Error && "responseCode" in cause && Number(cause.responseCode) >= 500;

const mailRefused = ({ messageId }: MailMessage, cause: unknown): AppError =>
  new AppError(
    "BAD_USER_INPUT",
    "mail_refused",
    `The mail server refuses the message ${messageId} for good, most often because there is no such address. Correct the address and invite again, or redeliver the dead letter once the server takes it.`,
    { messageId },
    { cause },
  );

const mailUnavailable = (cause: unknown): AppError =>
  new AppError(
    "PROVIDER_UNAVAILABLE",
    "mail_unavailable",
    "The mail server takes no message at the moment. It is tried again.",
    {},
    { cause },
  );
