// A worker that says each second that a second has passed; a hidden page's own timers are slowed.
setInterval(() => postMessage(null), 1000);
