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
		return "Slack limits the rate of messages; its Retry-After is " + finding.Duration(
			f.retryAfter,
		) + ", more than the time left"
	case f.limits():
		return "Slack limits the rate of messages" + awscall.Times(
			f.tries,
		) + "; if this lasts, check what else posts with this app"
	case f.status >= 500, f.fails():
		return "Slack failed" + awscall.Times(f.tries) + "; see slack-status.com"
	case f.status >= 300 && f.status < 400:
		return "the webhook's URL redirects, and redirects are not followed; store the URL that Slack shows for the " +
			"webhook in the secret"
	case f.status == http.StatusOK && f.bot:
		return "Slack refused the message; look the error up in the reference of " + f.method
	case f.status == http.StatusOK:
		return "the response is not one of Slack's; check the webhook's URL in the secret"
	case f.status == http.StatusForbidden:
		return "Slack refuses this webhook; create a new one and store its URL in the secret"
	case f.status == http.StatusNotFound, f.status == http.StatusGone:
		return "the webhook or its channel no longer exists; create a new webhook and store its URL in the secret"
	}
	return "Slack refused the message; check the webhook's URL in the secret"
}

// codeMeaning explains Slack's names for errors: those of chat.postMessage
// (https://docs.slack.dev/reference/methods/chat.postMessage) and of incoming webhooks
// (https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks).
func codeMeaning(code, needed string) string {
	switch code {
	case "invalid_auth", "not_authed", "token_revoked", "token_expired", "account_inactive":
		return "the bot token is not valid; reinstall the app and store its bot token in the secret under \"bot_token\""
	case "missing_scope", "no_permission":
		if needed == "" {
			needed = "chat:write"
		}
		return "the app lacks the scope " + needed + "; add it and reinstall the app"
	case "channel_not_found":
		return "the channel does not exist, or is private and the app is not in it; check the channel's ID, and invite " +
			"the app to a private channel"
	case "not_in_channel":
		return "the app is not in the channel; invite it"
	case "is_archived", "channel_is_archived":
		return "the channel is archived; unarchive it or choose another channel"
	case "action_prohibited",
		"restricted_action",
		"restricted_action_read_only_channel",
		"restricted_action_thread_only_channel",
		"team_access_not_granted",
		"ekm_access_denied":
		return "the workspace's policy forbids this post; ask an administrator to allow the app to post in the channel"
	case "posting_to_general_channel_denied":
		return "the workspace does not allow apps to post in its general channel; choose another channel"
	case "no_service", "no_service_id", "no_team", "invalid_token", "user_not_found", "team_disabled":
		return "the webhook was revoked or its app removed; create a new webhook and store its URL in the secret"
	case "thread_not_found", "message_not_found", "cannot_reply_to_message", "invalid_thread_ts":
		return "the thread's first message was deleted or does not accept replies"
	case "thread_locked",
		"restricted_action_thread_locked",
		"restricted_action_non_threadable_channel",
		"cant_broadcast_message":
		return "the workspace or the channel does not accept replies in this thread; allow threads for the app"
	case "cant_update_message":
		return "the message was posted by another app, such as this one before it was created again"
	case "edit_window_closed":
		return "the workspace does not allow messages to be edited this late; allow it in the workspace's message settings"
	case "invalid_blocks",
		"invalid_blocks_format",
		"msg_blocks_too_long",
		"msg_too_long",
		"invalid_payload",
		"no_text",
		"invalid_arguments":
		return "Slack rejected the format of this message; report it as a bug of Trailkeeper"
	}
	return ""
}
