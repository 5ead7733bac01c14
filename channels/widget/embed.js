// The one line that a site adds: <script type="module" src="https://…/widget.js"></script>
// It teaches the page the element <shebao-assistant> and puts nothing on it. Served as /widget.js and /widget/embed.js.

const folder = import.meta.url.replace(/(widget\.js|widget\/embed\.js)(\?.*)?$/, "widget/");

if (!customElements.get("shebao-assistant")) import(`${folder}assistant.js`);
