// A person at Thunderbird, loaded into its main window: what is done here is done by its own modules, windows and dialogs.

const {MailServices} = ChromeUtils.importESModule('resource:///modules/MailServices.sys.mjs');
const {FetchConfig} = ChromeUtils.importESModule('resource:///modules/accountcreation/FetchConfig.sys.mjs');
const {AccountConfig} = ChromeUtils.importESModule('resource:///modules/accountcreation/AccountConfig.sys.mjs');
const {ConfigVerifier} = ChromeUtils.importESModule('resource:///modules/accountcreation/ConfigVerifier.sys.mjs');
const {CreateInBackend} = ChromeUtils.importESModule('resource:///modules/accountcreation/CreateInBackend.sys.mjs');
const {NetUtil} = ChromeUtils.importESModule('resource://gre/modules/NetUtil.sys.mjs');
const {setTimeout} = ChromeUtils.importESModule('resource://gre/modules/Timer.sys.mjs');

const PATIENCE = 50_000; // milliseconds, less than the driver's

/** Asks until the answer is true, and gives it back. */
async function eventually(ask, what, patience = PATIENCE) {
    const end = Date.now() + patience;
    for (;;) {
        const answer = await ask();
        if (answer) return answer;
        if (Date.now() > end) throw new Error(`${patience / 1000} s have passed without ${what}`);
        await new Promise(resolve => setTimeout(resolve, 25));
    }
}

let shown = []; // what dialogs said
let answers = []; // to them, in turn: {password}, which is to be remembered, or {button}; the first button where there is none

Services.obs.addObserver(window => {
    // Its own handlers come first.
    setTimeout(() => {
        const {password, button = 0} = answers.shift() ?? {};
        const {args, ui} = window.Dialog;
        shown.push(`${args.title}: ${args.text}`);
        if (password) {
            ui.password1Textbox.value = password;
            ui.checkbox.checked = true;
            window.Dialog.onCheckbox();
        }
        ui[`button${button}`].click();
    });
}, 'common-dialog-loaded');

Services.obs.addObserver(async window => {
    const element = id => window.document.getElementById(id);
    const confirm = element('exceptiondialog').getButton('extra1');
    const status = element('statusDescription');
    await eventually(() => confirm.label && status.textContent, 'words in the dialog about the certificate');
    shown.push([window.document.title, element('locationTextBox').value, status.textContent, confirm.label].join(': '));
    confirm.click();
}, 'cert-exception-ui-ready');

/** A provider's settings, as Account Hub looks for them and fills them in. */
async function settingsFor(address, name, password = '') {
    const config = await FetchConfig.fromISP(address.split('@')[1], address, new AbortController().signal);
    AccountConfig.replaceVariables(config, name, address, password);
    return config;
}

/** The servers it finds for an address, those it prefers first. */
this.findSettings = async function (address) {
    const config = await settingsFor(address, 'Alice');
    const outgoing = [config.outgoing, ...config.outgoingAlternatives];
    for (config.outgoing of outgoing) AccountConfig.replaceVariables(config, 'Alice', address, '');
    const show = server => ({
        type: server.type,
        host: server.hostname,
        port: server.port,
        security: {[Ci.nsMsgSocketType.SSL]: 'SSL/TLS', [Ci.nsMsgSocketType.alwaysSTARTTLS]: 'STARTTLS'}[server.socketType],
        method: {[Ci.nsMsgAuthMethod.passwordCleartext]: 'Normal password'}[server.auth],
        user: server.username,
    });
    return {incoming: [config.incoming, ...config.incomingAlternatives].map(show), outgoing: outgoing.map(show)};
};

/**
 * Account Hub's steps: finds the settings, tries them, makes the account, and has it look for mail.
 * {identity, server: their keys, shown: what dialogs said}
 */
this.addAccount = async function ({address, name, password}) {
    shown = [];
    const config = await settingsFor(address, name, password);
    config.rememberPassword = true;
    await new ConfigVerifier(window.msgWindow, new AbortController().signal).verifyConfig(config, false);
    const account = await CreateInBackend.createAccountInBackend(config);
    this.getMessages({server: account.incomingServer.key});
    return {identity: account.defaultIdentity.key, server: account.incomingServer.key, shown};
};

const rootOf = server => MailServices.accounts.getIncomingServer(server).rootFolder;

function folderOf(server, use) {
    return rootOf(server).getFolderWithFlags(Ci.nsMsgFolderFlags[use]);
}

function messageIn(folder, subject) {
    return folder && [...folder.messages].find(header => header.mime2DecodedSubject === subject);
}

/** The account's folders, once there are so many: their names by what Thunderbird uses them for. */
this.foldersOf = async function ({server, uses}) {
    await eventually(() => uses.every(use => folderOf(server, use)), `folders for ${uses}`);
    return Object.fromEntries(uses.map(use => [use, folderOf(server, use).name]));
};

/** Waits until a message is in a folder, and tells what its list shows of it. */
this.see = async function ({server, use, subject}) {
    const header = await eventually(() => messageIn(folderOf(server, use), subject), `${subject} in ${use}`);
    return {from: header.mime2DecodedAuthor, read: header.isRead, flagged: header.isFlagged};
};

/** Whether a message comes into a folder within so many milliseconds. */
this.comes = function ({server, use, subject, within}) {
    return eventually(() => messageIn(folderOf(server, use), subject), subject, within).then(
        () => true,
        () => false,
    );
};

/** Waits until it is not there any more. */
this.miss = async function ({server, use, subject}) {
    await eventually(() => !messageIn(folderOf(server, use), subject), `${use} without ${subject}`);
};

/** The octets of a message, one character each, fetched from the server. */
this.fetch = async function ({server, use, subject}) {
    const folder = folderOf(server, use);
    const uri = folder.getUriForMsg(messageIn(folder, subject));
    const octets = await new Promise((resolve, reject) => {
        let all = '';
        MailServices.messageServiceFromURI(uri).streamMessage(
            uri,
            {
                QueryInterface: ChromeUtils.generateQI(['nsIStreamListener']),
                onStartRequest() {},
                onDataAvailable(request, stream, offset, count) {
                    all += NetUtil.readInputStreamToString(stream, count);
                },
                onStopRequest: (request, status) =>
                    Components.isSuccessCode(status) ? resolve(all) : reject(new Error(`status ${status}`)),
            },
            window.msgWindow,
            null,
            false,
            '',
        );
    });
    return octets;
};

/** Marks a message as read and with a star. */
this.mark = function ({server, use, subject}) {
    const folder = folderOf(server, use);
    const header = messageIn(folder, subject);
    folder.markMessagesRead([header], true);
    folder.markMessagesFlagged([header], true);
};

/** Presses Delete. */
this.remove = function ({server, use, subject}) {
    const folder = folderOf(server, use);
    folder.deleteMessages([messageIn(folder, subject)], window.msgWindow, false, false, null, false);
};

/** Presses Get Messages. */
this.getMessages = function ({server}) {
    MailServices.accounts.getIncomingServer(server).getNewMessages(rootOf(server), window.msgWindow, null);
};

/** Opens a folder, as a click on it does. */
this.open = function ({server, use}) {
    folderOf(server, use).updateFolder(window.msgWindow);
};

/** Account Settings, Outgoing Server, Add: with an identity that sends by it, whose name is given back. */
this.addServer = function ({host, port, security, user, address, name}) {
    const server = MailServices.outgoingServer.createServer('smtp');
    server.QueryInterface(Ci.nsISmtpServer).hostname = host;
    server.QueryInterface(Ci.nsISmtpServer).port = port;
    server.socketType = security === 'SSL/TLS' ? Ci.nsMsgSocketType.SSL : Ci.nsMsgSocketType.alwaysSTARTTLS;
    server.authMethod = Ci.nsMsgAuthMethod.passwordCleartext;
    server.username = user;
    const account = MailServices.accounts.createAccount();
    account.incomingServer = MailServices.accounts.createIncomingServer('nobody', `${server.key}.test`, 'none');
    const identity = MailServices.accounts.createIdentity();
    identity.email = address;
    identity.fullName = name;
    identity.smtpServerKey = server.key;
    identity.doFcc = false; // the server keeps the sent copy
    account.addIdentity(identity);
    return identity.key;
};

let written = null; // the window of the message that is being written

/** {identity, to, bcc, subject, text, file: {path, name}, receipt, notification} */
this.write = async function (message) {
    const fields = Cc['@mozilla.org/messengercompose/composefields;1'].createInstance(Ci.nsIMsgCompFields);
    fields.to = message.to;
    fields.bcc = message.bcc ?? '';
    fields.subject = message.subject;
    fields.body = message.text;
    if (message.file) {
        const file = Cc['@mozilla.org/file/local;1'].createInstance(Ci.nsIFile);
        file.initWithPath(message.file.path);
        const attachment = Cc['@mozilla.org/messengercompose/attachment;1'].createInstance(Ci.nsIMsgAttachment);
        attachment.url = Services.io.newFileURI(file).spec;
        attachment.name = message.file.name;
        fields.addAttachment(attachment);
    }
    const parameters = Cc['@mozilla.org/messengercompose/composeparams;1'].createInstance(Ci.nsIMsgComposeParams);
    parameters.composeFields = fields;
    parameters.identity = MailServices.accounts.getIdentity(message.identity);
    parameters.format = Ci.nsIMsgCompFormat.PlainText;
    parameters.type = Ci.nsIMsgCompType.New;
    MailServices.compose.OpenComposeWindowWithParams(null, parameters);
    const ready = () => Services.wm.getMostRecentWindow('msgcompose')?.composeEditorReady;
    await eventually(ready, 'a window to write in');
    written = Services.wm.getMostRecentWindow('msgcompose');
    if (message.receipt) written.ToggleReturnReceipt(true);
    if (message.notification) written.ToggleDSN(written.document.getElementById('dsnMenu'));
};

/** Presses Send, and waits until the window has closed, or stays after so many dialogs. {sent, shown: what they said} */
this.send = async function ({dialogs = 1, answers: given = []} = {}) {
    shown = [];
    answers = given;
    // Right behind a dialog there may be no one yet to take the command, or it may still be disabled.
    const sender = () => written.document.commandDispatcher.getControllerForCommand('cmd_sendNow');
    await eventually(() => sender()?.isCommandEnabled('cmd_sendNow'), 'a button Send that can be pressed');
    written.goDoCommand('cmd_sendNow');
    const givenUp = () => shown.length >= dialogs && !written.gSendOperationInProgress && !written.gWindowLocked;
    const ended = () => written.closed || givenUp();
    await eventually(ended, `the end of sending; so far was said: ${JSON.stringify(shown)}`);
    return {sent: written.closed, shown};
};

/** Closes the window, if it is still there, with what is written. */
this.discard = async function () {
    if (written.closed) return;
    written.gMsgCompose.bodyModified = false;
    written.gContentChanged = false;
    written.close();
    await eventually(() => written.closed, 'an end of writing');
};
