package slack

import (
	"net/http"

	"trailkeeper/lambda/internal/awscall"
	"trailkeeper/lambda/internal/finding"
)

// meaning is what Slack's answer means and what to do.
func (f *failure) meaning() string {
	if s := codeMeaning(f.code, f.needed); s != "" {
		return s
	}
	switch {
	case f.limits() && f.tooLong:
		return "Slack limits the rate of messages; it asked to wait " + finding.Duration(
			f.retryAfter,
		) + ", longer than there was time for"
	case f.limits():
		return "Slack limits the rate of messages" + awscall.Times(
			f.tries,
		) + "; if this lasts, find out what else posts with this app"
	case f.status >= 500, f.fails():
		return "Slack failed" + awscall.Times(f.tries) + "; see slack-status.com"
	case f.status >= 300 && f.status < 400:
		return "the address redirects, and redirects are not followed; store the webhook's own URL in the secret"
	case f.status == http.StatusOK && f.bot:
		return "Slack refused the message; look the name up in the errors of " + f.method
	case f.status == http.StatusOK:
		return "the webhook's address answered what is no Slack answer; check its URL in the secret"
	case f.status == http.StatusForbidden:
		return "Slack refuses this webhook; make a new one and store it in the secret"
	case f.status == http.StatusNotFound, f.status == http.StatusGone:
		return "the webhook or its channel does not exist any more; make a new webhook and store it in the secret"
	}
	return "Slack refused the message; check the webhook's URL in the secret"
}

// codeMeaning explains Slack's names for errors: those of chat.postMessage
// (https://docs.slack.dev/reference/methods/chat.postMessage) and of incoming webhooks
// (https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks).
func codeMeaning(code, needed string) string {
	switch code {
	case "invalid_auth", "not_authed", "token_revoked", "token_expired", "account_inactive":
		return "the bot token is not valid; install the app again and store its token in the secret under \"bot_token\""
	case "missing_scope", "no_permission":
		if needed == "" {
			needed = "chat:write"
		}
		return "the app lacks the scope " + needed + "; add it and install the app again"
	case "channel_not_found":
		return "there is no such channel, or the app cannot see it; check the channel's ID, and invite the app if the " +
			"channel is private"
	case "not_in_channel":
		return "the app is not in the channel; invite it there"
	case "is_archived", "channel_is_archived":
		return "the channel is archived; unarchive it or choose another"
	case "action_prohibited",
		"restricted_action",
		"restricted_action_read_only_channel",
		"restricted_action_thread_only_channel",
		"team_access_not_granted",
		"ekm_access_denied":
		return "an administrator of the workspace forbids this post; have the app allowed to post in the channel"
	case "posting_to_general_channel_denied":
		return "the workspace does not let apps post to its general channel; choose another"
	case "no_service", "no_service_id", "no_team", "invalid_token", "user_not_found", "team_disabled":
		return "the webhook is revoked or the app is gone; make a new webhook and store it in the secret"
	case "thread_not_found", "message_not_found", "cannot_reply_to_message", "invalid_thread_ts":
		return "the thread's first message is gone or takes no replies"
	case "thread_locked",
		"restricted_action_thread_locked",
		"restricted_action_non_threadable_channel",
		"cant_broadcast_message":
		return "the workspace or the channel takes no replies there; allow threads for the app"
	case "cant_update_message":
		return "the message is not the app's own, as after the app was made anew"
	case "edit_window_closed":
		return "the workspace does not let messages be edited this late; allow it in the workspace's message settings"
	case "invalid_blocks",
		"invalid_blocks_format",
		"msg_blocks_too_long",
		"msg_too_long",
		"invalid_payload",
		"no_text",
		"invalid_arguments":
		return "Slack does not take this message's form; report it as a bug of Trailkeeper"
	}
	return ""
}
