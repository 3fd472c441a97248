//! What every request passes: routes, parameters, bodies, hosts, limits.

use std::future::Future;

use crate::scripted::{BUSY, PROPOSALS, Scripted, TRANSACTIONS, serve};
use api::wire::Page;
use api::{BindError, Client, ClientError, Code, ENDPOINTS, Problem, Server, ServerConfig, limits};
use protocol::{
    AccountId, Action, Amount, ChainId, ClassId, Height, Intake, JobId, NATIVE, Nonce, Rejection,
    Transaction,
};
use reqwest::{Method, RequestBuilder, StatusCode};

async fn problem(request: RequestBuilder) -> Problem {
    let response = request.send().await.expect("the server answers");
    let status = response.status();
    let problem: Problem = response.json().await.expect("every refusal is a problem");
    assert_eq!(status.as_u16(), problem.code.status(), "{problem}");
    problem
}

#[tokio::test]
async fn the_first_page_lists_every_endpoint_and_each_of_them_exists() {
    let (server, _) = serve(&Scripted::new()).await;
    let http = reqwest::Client::new();
    let index = http.get(server.url()).send().await.expect("answers").text().await.expect("text");
    for endpoint in ENDPOINTS {
        assert!(index.contains(endpoint.path), "{}", endpoint.path);
        let path = endpoint.path.replace("{id}", "x").replace("{account}", "x");
        let path = path.replace("{job}", "x").replace("{program}", "x");
        let path = path.replace("{height}", "x").replace("{index}", "x");
        let path = path.replace("{operator}", "x").replace("{number}", "x");
        let path = path.replace("{name}", "margin");
        let method = Method::from_bytes(endpoint.method.as_bytes()).expect("a method");
        let request = http.request(method, format!("{}{path}?surplus=1", server.url()));
        let status = request.send().await.expect("answers").status();
        let exists = ![StatusCode::NOT_FOUND, StatusCode::METHOD_NOT_ALLOWED].contains(&status);
        assert!(exists, "{} {} is {status}", endpoint.method, endpoint.path);
    }
    server.stop().await;
}

#[tokio::test]
async fn requests_that_make_no_sense_say_so() {
    let (server, _) = serve(&Scripted::new()).await;
    let http = reqwest::Client::new();
    let get = |path: &str| http.get(format!("{}{path}", server.url()));
    let zeros = "0".repeat(64);
    for (path, code) in [
        ("/v2/status".to_owned(), Code::NoEndpoint),
        ("/v1/jobs/nobody".into(), Code::MalformedRequest),
        (format!("/v1/jobs/{zeros}"), Code::NotFound),
        (format!("/v1/jobs/{zeros}/explain"), Code::NotFound),
        (format!("/v1/operators/{zeros}"), Code::NotFound),
        (format!("/v1/programs/{zeros}"), Code::NotFound),
        (format!("/v1/programs/{zeros}/module"), Code::NotFound),
        (format!("/v1/transactions/{zeros}"), Code::NotFound),
        ("/v1/blocks/1".into(), Code::NotFound),
        ("/v1/blocks/1/transactions".into(), Code::NotFound),
        ("/v1/blocks/1/transactions/0".into(), Code::NotFound),
        ("/v1/blocks/-1".into(), Code::MalformedRequest),
        ("/v1/blocks/1/transactions/one".into(), Code::MalformedRequest),
        ("/v1/blocks/1/transactions/18446744073709551616".into(), Code::MalformedRequest),
        ("/v1/blocks/1/transactions?limit=0".into(), Code::MalformedRequest),
        (
            format!("/v1/blocks/1/transactions?limit={}", limits::PAGE_ITEMS_MAX + 1),
            Code::MalformedRequest,
        ),
        (format!("/v1/operators/{zeros}/standing"), Code::NotFound),
        (format!("/v1/accounts/{zeros}/delegations/{zeros}"), Code::NotFound),
        (format!("/v1/accounts/{zeros}/delegations/bob"), Code::MalformedRequest),
        (format!("/v1/accounts/{zeros}/undelegations?after={zeros}"), Code::MalformedRequest),
        (format!("/v1/accounts/{zeros}/undelegations?limit=0"), Code::MalformedRequest),
        (format!("/v1/operators/{zeros}/devices?after=x"), Code::MalformedRequest),
        ("/v1/parameters/margins".into(), Code::NotFound),
        ("/v1/parameters?limit=1001".into(), Code::MalformedRequest),
        ("/v1/classes?after=65536".into(), Code::MalformedRequest),
        ("/v1/proposals/4".into(), Code::NotFound),
        ("/v1/proposals/4/ballots".into(), Code::NotFound),
        ("/v1/proposals/x".into(), Code::MalformedRequest),
        ("/v1/price/high".into(), Code::NoEndpoint),
        ("/v1/jobs?limit=0".into(), Code::MalformedRequest),
        (format!("/v1/jobs?limit={}", limits::PAGE_ITEMS_MAX + 1), Code::MalformedRequest),
        ("/v1/jobs?limit=-1".into(), Code::MalformedRequest),
        ("/v1/jobs?opne=true".into(), Code::MalformedRequest),
        ("/v1/events?after=7".into(), Code::MalformedRequest),
        ("/v1/events?wait_ms=1e99".into(), Code::MalformedRequest),
    ] {
        assert_eq!(problem(get(&path)).await.code, code, "{path}");
    }
    let request = get("/v1/events/stream").header("last-event-id", "yesterday");
    assert_eq!(problem(request).await.code, Code::MalformedRequest);
    let request = http.delete(format!("{}/v1/status", server.url()));
    assert_eq!(problem(request).await.code, Code::MethodNotAllowed);
    server.stop().await;
}

#[tokio::test]
async fn bodies_are_bytes_of_a_bounded_length() {
    let (server, client) = serve(&Scripted::new()).await;
    let post = || reqwest::Client::new().post(format!("{}/v1/transactions", server.url()));
    let bytes = "application/octet-stream";
    let longest = vec![7; limits::BODY_BYTES_MAX];
    let accepted = client.submit_bytes(longest.into(), false).await;
    assert!(accepted.is_ok(), "{accepted:?}");
    let longer = vec![7; limits::BODY_BYTES_MAX + 1];
    let request = post().header("content-type", bytes).body(longer);
    assert_eq!(problem(request).await.code, Code::BodyTooLarge);
    let request = post().header("content-type", "application/json").body("{}");
    assert_eq!(problem(request).await.code, Code::UnsupportedMediaType);
    assert_eq!(problem(post().body("x")).await.code, Code::UnsupportedMediaType);
    let request = post().header("content-type", bytes);
    assert_eq!(problem(request).await.code, Code::TransactionRefused);
    server.stop().await;
}

#[tokio::test]
async fn other_hosts_are_refused_unless_they_are_configured() {
    let mut config = ServerConfig::loopback(0);
    config.host_names.push("node.example".into());
    let server = Server::start(config, Scripted::new()).await.expect("a free port");
    let get = |host: &str| {
        let request = reqwest::Client::new().get(format!("{}/v1/status", server.url()));
        request.header("host", host)
    };
    for host in ["evil.example", "evil.example:80", "node.example.evil.example"] {
        assert_eq!(problem(get(host)).await.code, Code::ForeignHost, "{host}");
    }
    for host in ["node.example", "NODE.example:7575", "localhost:1", "[::1]:80"] {
        let status = get(host).send().await.expect("answers").status();
        assert_eq!(status, StatusCode::OK, "{host}");
    }
    server.stop().await;
}

#[tokio::test]
async fn answers_are_neither_guessed_at_nor_cached() {
    let (server, _) = serve(&Scripted::new()).await;
    let response = reqwest::get(format!("{}/v1/status", server.url())).await.expect("answers");
    assert_eq!(response.headers()["x-content-type-options"], "nosniff");
    assert_eq!(response.headers()["cache-control"], "no-store");
    assert!(!response.headers().contains_key("access-control-allow-origin"));
    server.stop().await;
}

#[tokio::test]
async fn an_occupied_port_says_whose_it_is_likely_to_be() {
    let (server, _) = serve(&Scripted::new()).await;
    let config = ServerConfig::loopback(server.address().port());
    let error = Server::start(config, Scripted::new()).await.expect_err("the port is taken");
    assert!(matches!(error, BindError::InUse(address) if address == server.address()));
    assert!(error.to_string().contains("probably by another node"), "{error}");
    server.stop().await;
}

#[tokio::test]
async fn a_client_of_nobody_says_so() {
    let (server, client) = serve(&Scripted::new()).await;
    assert!(client.status().await.is_ok());
    server.stop().await;
    let error = client.status().await.expect_err("nobody is there");
    assert!(matches!(error, ClientError::Unreachable { .. }) && error.is_temporary(), "{error}");
    for bad in ["", "127.0.0.1:80", "https://127.0.0.1:80", "ftp://x", "data:text"] {
        assert!(matches!(Client::new(bad), Err(ClientError::InvalidAddress(_))), "{bad}");
    }
}

#[tokio::test]
async fn a_block_is_read_without_its_transactions_they_in_pages_and_each_body_alone() {
    let backend = Scripted::new();
    backend.happen();
    let (server, client) = serve(&backend).await;
    let (first, second) = (Height(1), Height(2));
    let block = client.block(first).await.expect("answers").expect("final");
    assert_eq!((block.height, block.transactions), (first, TRANSACTIONS));
    let mut seen = Vec::new();
    let mut after = None;
    loop {
        let page = client.transactions(first, after.as_deref(), 2).await.expect("answers");
        let page = page.expect("final");
        assert!(page.items.len() <= 2);
        seen.extend(page.items.into_iter().map(|view| (view.index, view.bytes)));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(seen, [(0, 1), (1, 2), (2, 3)]);
    let body = client.signed_bytes(first, 2).await.expect("answers");
    assert_eq!(body.as_deref(), Some(&[7, 7, 7][..]));
    assert_eq!(client.signed_bytes(first, TRANSACTIONS).await.expect("answers"), None);
    assert_eq!(client.block(second).await.expect("answers"), None);
    assert_eq!(client.transactions(second, None, 1).await.expect("answers"), None);
    assert_eq!(client.signed_bytes(second, 0).await.expect("answers"), None);
    server.stop().await;
}

#[tokio::test]
async fn what_is_there_comes_back_and_what_is_not_is_none() {
    let (server, client) = serve(&Scripted::new()).await;
    assert_eq!(client.genesis().await.expect("answers").genesis.chain_name, "scripted");
    let account = AccountId([5; 32]);
    assert_eq!(client.account(account).await.expect("answers").account, account);
    assert!(client.operator(account).await.expect("answers").is_none());
    assert!(client.job(JobId([5; 32])).await.expect("answers").is_none());
    assert!(client.module(protocol::ProgramId([5; 32])).await.expect("answers").is_none());
    assert!(client.all_jobs(&api::JobFilter::default()).await.expect("answers").is_empty());
    let proof = client.job_proof(JobId([1; 32])).await.expect("answers");
    assert_eq!(proof.as_deref(), Some(&b"proof"[..]));
    assert_eq!(client.job_proof(JobId([2; 32])).await.expect("answers"), None);
    server.stop().await;
}

/// Every item of a list, in pages of two.
async fn all<T, F>(page: impl Fn(Option<String>) -> F) -> Vec<T>
where
    F: Future<Output = Result<Page<T>, ClientError>>,
{
    let (mut items, mut after) = (Vec::new(), None);
    loop {
        let read = page(after).await.expect("answers");
        assert!(read.items.len() <= 2);
        items.extend(read.items);
        after = read.next;
        if after.is_none() {
            return items;
        }
    }
}

#[tokio::test]
async fn lists_of_stakes_and_rules_are_read_page_by_page_without_a_gap() {
    let (server, client) = serve(&Scripted::new()).await;
    let client = &client;
    let left = all(|after| async move { client.undelegations(BUSY, after.as_deref(), 2).await });
    let buckets: Vec<u64> = left.await.into_iter().map(|view| view.bucket).collect();
    assert_eq!(buckets, [1, 2, 3]);
    let proposals = all(|after| async move { client.proposals(after.as_deref(), 2).await });
    let numbers: Vec<u64> = proposals.await.into_iter().map(|view| view.proposal.id).collect();
    assert_eq!(numbers, PROPOSALS);
    let ballots = all(|after| async move { client.ballots(5, after.as_deref(), 2).await });
    assert_eq!(ballots.await.len(), 3);
    let parameters = all(|after| async move { client.parameters(after.as_deref(), 2).await });
    let names: Vec<String> = parameters.await.into_iter().map(|view| view.name).collect();
    assert_eq!(names, ["fee_base", "margin", "saving"]);
    let classes = all(|after| async move { client.classes(after.as_deref(), 2).await });
    let ids: Vec<ClassId> = classes.await.into_iter().map(|class| class.id).collect();
    assert_eq!(ids, [0, 1, 2, 3, 4].map(ClassId));
    let nobody = AccountId([9; 32]);
    assert!(client.undelegations(nobody, None, 2).await.expect("answers").items.is_empty());
    assert!(client.delegations(nobody, None, 2).await.expect("answers").items.is_empty());
    assert!(client.devices(nobody, None, 2).await.expect("answers").items.is_empty());
    server.stop().await;
}

#[tokio::test]
async fn single_stakes_and_rules_are_there_or_none() {
    let (server, client) = serve(&Scripted::new()).await;
    let access = client.access(BUSY).await.expect("answers");
    assert_eq!((access.account, access.stake), (BUSY, Amount::new(1)));
    assert_eq!(client.delegation(BUSY, BUSY).await.expect("answers"), None);
    assert_eq!(client.standing(BUSY).await.expect("answers"), None);
    assert_eq!(client.price().await.expect("answers").intake, Intake::Open);
    let named = |name| {
        let client = &client;
        async move { client.parameter(name).await.expect("answers").map(|view| view.name) }
    };
    assert_eq!(named("margin").await.as_deref(), Some("margin"));
    assert_eq!(named("no such thing?").await, None);
    assert!(client.proposal(5).await.expect("answers").is_some());
    assert!(client.proposal(4).await.expect("answers").is_none());
    assert!(client.ballots(4, None, 2).await.is_err());
    server.stop().await;
}

#[tokio::test]
async fn what_the_rules_would_say_is_asked_with_a_transaction_that_nobody_signed() {
    let (server, client) = serve(&Scripted::new()).await;
    let transaction = Transaction {
        chain: ChainId([1; 32]),
        sender: BUSY,
        nonce: Nonce(0),
        expiry: Height(9),
        action: Action::Transfer { to: BUSY, asset: NATIVE, amount: Amount::ZERO },
    };
    let foreseen = client.foresee(&transaction).await.expect("answers");
    let length = borsh::to_vec(&transaction).expect("in memory").len();
    assert_eq!(foreseen.fee, Amount::new(length as u128));
    assert_eq!(foreseen.rejection, Some(Rejection::ZeroAmount));
    let post = reqwest::Client::new().post(format!("{}/v1/transactions/foresee", server.url()));
    assert_eq!(problem(post).await.code, Code::UnsupportedMediaType);
    server.stop().await;
}
