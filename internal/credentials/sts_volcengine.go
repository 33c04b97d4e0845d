package credentials

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/volcengine/volcengine-go-sdk/volcengine/base"
)

// volcengineSTS is STS 2018-01-01. The calls are our own, with the SDK's
// signer: its client links a module without a license, and has no call for web
// identity. https://www.volcengine.com/docs/6257/86374
var volcengineSTS = tokenService{
	assumeRole:     volcengineAssumeRole,
	webIdentity:    volcengineWebIdentity,
	callerIdentity: volcengineCallerIdentity,
	// The codes are not documented; these two are the forms that other services
	// of the cloud answer with.
	expired: []string{"ExpiredToken", "InvalidSecurityToken"},
	host:    func(System, string) (text, variable string) { return "sts.volcengineapi.com", "" },
}

var volcengineAdvice = map[string]string{
	"AccessDenied": "The role must trust the caller or the identity provider, and the caller needs sts:AssumeRole for " +
		"it (STSAssumeRoleAccess); " +
		"the main keys of an account cannot assume a role.",
	"RoleNotExist":          "Check the TRN of the role.",
	"ExpiredToken":          "The temporary keys have ended.",
	"InvalidAccessKey":      "The access key does not exist or is disabled.",
	"SignatureDoesNotMatch": "The secret does not belong to this id.",
}

func volcengineAssumeRole(ctx context.Context, e endpoint, keys Set, role AssumeRole) (Set, error) {
	form := url.Values{"RoleTrn": {role.RoleARN}, "RoleSessionName": {role.SessionName}}
	setOptions(form, role.DurationSeconds, role.Policy)
	return volcengineIssued(ctx, e, "AssumeRole", &keys, form, role.RoleARN, keys.Secrets())
}

func volcengineWebIdentity(ctx context.Context, e endpoint, role WebIdentity, token string) (Set, error) {
	form := url.Values{"RoleTrn": {role.RoleARN}, "OIDCToken": {token}, "RoleSessionName": {role.SessionName}}
	setOptions(form, role.DurationSeconds, role.Policy)
	return volcengineIssued(ctx, e, "AssumeRoleWithOIDC", nil, form, role.RoleARN, tokenSecrets(token))
}

func setOptions(form url.Values, seconds int64, policy string) {
	if seconds > 0 {
		form.Set("DurationSeconds", strconv.FormatInt(seconds, 10))
	}
	if policy != "" {
		form.Set("Policy", policy)
	}
}

type volcengineAnswer struct {
	ResponseMetadata struct {
		RequestID string `json:"RequestId"`
		Error     *struct {
			Code, Message string
		}
	}
	Result struct {
		AccountID       json.Number `json:"AccountId"`
		AssumedRoleUser struct {
			Trn string
		}
		Credentials struct {
			CurrentTime, ExpiredTime, Expiration time.Time
			AccessKeyID                          string `json:"AccessKeyId"`
			SecretAccessKey, SessionToken        string
		}
	}
}

func volcengineIssued(
	ctx context.Context, e endpoint, action string, keys *Set, form url.Values, trn string, secrets []string,
) (Set, error) {
	a, parsed, err := volcengineCall(ctx, e, action, keys, form, secrets)
	if err != nil {
		return Set{}, err
	}
	got := parsed.Result.Credentials
	end := got.ExpiredTime // AssumeRole has this one, AssumeRoleWithOIDC the other.
	if end.IsZero() {
		end = got.Expiration
	}
	account := volcengineAccount(parsed.Result.AssumedRoleUser.Trn)
	if account == "" {
		account = volcengineAccount(trn)
	}
	return a.set(issued{
		id: got.AccessKeyID, secret: got.SecretAccessKey, token: got.SessionToken,
		end: end, now: got.CurrentTime, account: account,
	}, secrets)
}

func volcengineCallerIdentity(ctx context.Context, e endpoint, keys Set) (string, error) {
	a, parsed, err := volcengineCall(ctx, e, "GetCallerIdentity", &keys, url.Values{}, keys.Secrets())
	if err != nil {
		return "", err
	}
	if account := parsed.Result.AccountID.String(); account != "" && account != "0" {
		return account, nil
	}
	return "", a.unreadable("it has no account id")
}

// volcengineAccount returns the account of a TRN such as
// trn:iam::2100000001:role/ops. Some pages write one colon before the account.
func volcengineAccount(trn string) string {
	if account := arnPart(trn, "trn", 3); account != "" && !strings.Contains(account, "/") {
		return account
	}
	return arnPart(trn, "trn", 2)
}

// volcengineCall signs with keys, and not at all where keys is nil.
func volcengineCall(
	ctx context.Context, e endpoint, action string, keys *Set, form url.Values, secrets []string,
) (*answer, volcengineAnswer, error) {
	var parsed volcengineAnswer
	a, err := e.call(ctx, secrets, func(ctx context.Context, transport http.RoundTripper) error {
		return volcengineSend(ctx, e, transport, action, keys, form)
	})
	if err != nil {
		return nil, parsed, err
	}
	if err := a.decode(&parsed); err != nil {
		return nil, parsed, err
	}
	if problem := parsed.ResponseMetadata.Error; problem != nil {
		r := refusal{problem.Code, problem.Message, parsed.ResponseMetadata.RequestID}
		return nil, parsed, a.refused(r, secrets, volcengineAdvice)
	}
	if a.status != http.StatusOK {
		return nil, parsed, a.unreadable("it has no error code")
	}
	return a, parsed, nil
}

// volcengineRegion is the region of the signature where none is known.
const volcengineRegion = "cn-beijing"

func volcengineSend(
	ctx context.Context,
	e endpoint,
	transport http.RoundTripper,
	action string,
	keys *Set,
	form url.Values,
) error {
	u := *e.url
	u.Path = "/"
	u.RawQuery = url.Values{"Action": {action}, "Version": {"2018-01-01"}}.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(), strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	req.Header.Set("Accept", "application/json")
	if keys != nil {
		region := e.region
		if region == "" {
			region = volcengineRegion
		}
		req.Header.Set("X-Date", e.system.Now().UTC().Format("20060102T150405Z"))
		req = base.Credentials{
			AccessKeyID: keys.ID, SecretAccessKey: keys.Secret, SessionToken: keys.Token, Service: "sts", Region: region,
		}.Sign(req)
	}
	resp, err := transport.RoundTrip(req)
	if resp != nil {
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
	}
	return err
}
