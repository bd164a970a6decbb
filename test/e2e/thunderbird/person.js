// A person at Thunderbird, loaded into its main window: what is done here is done by its own modules, windows and dialogs.

const {MailServices} = ChromeUtils.importESModule('resource:///modules/MailServices.sys.mjs');
const {FetchConfig} = ChromeUtils.importESModule('resource:///modules/accountcreation/FetchConfig.sys.mjs');
const {fetchHTTP} = ChromeUtils.importESModule('resource:///modules/accountcreation/FetchHTTP.sys.mjs');
const {readFromXML} = ChromeUtils.importESModule('resource:///modules/accountcreation/readFromXML.sys.mjs');
const {AccountConfig} = ChromeUtils.importESModule('resource:///modules/accountcreation/AccountConfig.sys.mjs');
const {setTimeout} = ChromeUtils.importESModule('resource://gre/modules/Timer.sys.mjs');

const PATIENCE = 50_000; // milliseconds, less than the driver's

/** Asks until the answer is true, and gives it back. */
async function eventually(ask, what) {
    const end = Date.now() + PATIENCE;
    for (;;) {
        const answer = await ask();
        if (answer) return answer;
        if (Date.now() > end) throw new Error(`${PATIENCE / 1000} s have passed without ${what}`);
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

/**
 * Looks for a provider's settings as Account Hub does: its outgoing servers, and what Thunderbird has against taking them. It
 * wants an incoming server too, and is given one here, beside what was fetched, to see how it reads the others.
 */
this.findSettings = async function (address) {
    const domain = address.split('@')[1];
    const {refusal} = await FetchConfig.fromISP(domain, address, new AbortController().signal).then(
        () => ({refusal: null}),
        error => ({refusal: String(error.message ?? error)}),
    );
    const found = await fetchHTTP(`http://autoconfig.${domain}/mail/config-v1.1.xml`, {urlArgs: {emailaddress: address}});
    found.clientConfig.emailProvider.$incomingServer = [{
        '@type': 'imap',
        hostname: 'imap.example.test',
        port: '993',
        $socketType: ['SSL'],
        $authentication: ['password-cleartext'],
        username: address,
    }];
    const config = readFromXML(found, 'isp');
    const outgoing = [config.outgoing, ...config.outgoingAlternatives];
    for (config.outgoing of outgoing) AccountConfig.replaceVariables(config, 'Alice', address, '');
    return {
        refusal,
        outgoing: outgoing.map(server => ({
            host: server.hostname,
            port: server.port,
            security: {[Ci.nsMsgSocketType.SSL]: 'SSL/TLS', [Ci.nsMsgSocketType.alwaysSTARTTLS]: 'STARTTLS'}[server.socketType],
            method: {[Ci.nsMsgAuthMethod.passwordCleartext]: 'Normal password'}[server.auth],
            user: server.username,
        })),
    };
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
