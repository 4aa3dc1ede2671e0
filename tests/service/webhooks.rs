//! What happens is told to the addresses named: in order, signed, until it is taken, over restarts; and to no other.

use super::support::{OK, Setting, some_hash};
use adlink::api::{ServiceOptions, WebhookSecret, tell_webhooks};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

const SECRET: &str = "0123456789abcdef0123456789abcdef";

/// One delivery: its head in lower case, and its body.
type Delivery = (String, Vec<u8>);

/// Somebody who is told, and answers with these statuses, then with 204.
struct Receiver {
    address: String,
    heard: Arc<Mutex<Vec<Delivery>>>,
    answering: JoinHandle<()>,
}

impl Receiver {
    async fn new(statuses: &'static [&'static str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/hook?of=adlink", listener.local_addr().unwrap());
        let heard = Arc::new(Mutex::new(Vec::new()));
        let noted = heard.clone();
        let answering = tokio::spawn(async move {
            let mut statuses = statuses.iter();
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let delivery = read(&mut stream).await;
                noted.lock().unwrap().push(delivery);
                let status = statuses.next().copied().unwrap_or("204 No Content");
                let answer = format!(
                    "HTTP/1.1 {status}\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"
                );
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        Self { address, heard, answering }
    }

    /// Waits for so many deliveries.
    async fn heard(&self, most: usize) -> Vec<Delivery> {
        for _ in 0..200 {
            if self.heard.lock().unwrap().len() >= most {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        self.heard.lock().unwrap().clone()
    }
}

async fn read(stream: &mut tokio::net::TcpStream) -> Delivery {
    let mut bytes = Vec::new();
    loop {
        let mut part = [0; 4096];
        let read = stream.read(&mut part).await.unwrap();
        bytes.extend_from_slice(&part[..read]);
        let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
        let length: usize =
            head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap().parse().unwrap();
        if bytes.len() >= end + 4 + length {
            return (head, bytes[end + 4..].to_vec());
        }
    }
}

fn numbers(deliveries: &[Delivery]) -> Vec<u64> {
    let changes = |(_, body): &Delivery| {
        let told: Value = serde_json::from_slice(body).unwrap();
        told["changes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["number"].as_u64().unwrap())
            .collect::<Vec<_>>()
    };
    deliveries.iter().flat_map(changes).collect()
}

fn start(folder: TempDir, address: &str) -> (Setting, JoinHandle<()>) {
    let secret = folder.path().join("secret");
    std::fs::write(&secret, SECRET).unwrap();
    let set = |options: &mut ServiceOptions| {
        options.webhooks = vec![address.parse().unwrap()];
        options.webhook_secret = Some(WebhookSecret::read(&secret).unwrap());
    };
    let setting = Setting::with(folder, set);
    let telling = tokio::spawn(tell_webhooks(&setting.service).unwrap());
    (setting, telling)
}

async fn post(setting: &Setting, number: u64) {
    let ad = json!({ "site": "a.example", "ad_id": number.to_string(), "images": [{ "path": "x", "pdq": some_hash(number) }] });
    setting.post("/v1/ads", &ad).await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_are_told_in_order_signed_and_until_they_are_taken() {
    let receiver = Receiver::new(&["500 No", "302 Found"]).await;
    let folder = TempDir::new().unwrap();
    // What happened before is not told.
    let setting = Setting::with(folder, |_| {});
    post(&setting, 0).await;
    let before = setting.get("/v1/changes").await.expect(OK).json()["next"].as_u64().unwrap();
    setting.service.close();
    let (setting, telling) = start(setting.folder, &receiver.address);
    for number in 1..4 {
        post(&setting, number).await;
    }
    let end = setting.get("/v1/changes").await.expect(OK).json()["next"].as_u64().unwrap();
    let mut deliveries = receiver.heard(3).await;
    for _ in 0..200 {
        if numbers(&deliveries).last() == Some(&end) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        deliveries = receiver.heard(3).await;
    }
    // Twice refused, so three times begun with the same.
    assert!(deliveries[..3].iter().all(|told| numbers(std::slice::from_ref(told))[0] == before + 1));
    let taken = numbers(&deliveries[2..]);
    assert_eq!(taken, (before + 1..=end).collect::<Vec<_>>());
    for (head, body) in &deliveries {
        assert!(head.starts_with("post /hook?of=adlink http/1.1"), "{head}");
        let value = |name: &str| head.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        let mut mac = Hmac::<sha2::Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
        mac.update(format!("{}.", value("x-adlink-timestamp: ")).as_bytes());
        mac.update(body);
        let expected: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(value("x-adlink-signature: "), format!("sha256={expected}"));
    }
    let log = setting.log.lock().unwrap().join("\n");
    assert!(log.contains("webhook 1: answered with 500; again in 1 s"), "{log}");
    assert!(log.contains("webhook 1: answered with 302; again in 2 s"), "{log}");
    assert!(!log.contains("of=adlink") && !log.contains(SECRET), "{log}");
    telling.abort();
    receiver.answering.abort();
}

/// A receiver that is down, and a service that is started again meanwhile: all is told, from where it was.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_while_nobody_listens() {
    let receiver = Receiver::new(&[]).await;
    let (setting, telling) = start(TempDir::new().unwrap(), &receiver.address);
    post(&setting, 1).await;
    receiver.heard(1).await;
    // The place has to be on the disk before the service ends.
    let place = setting.folder.path().join("case.adlink-webhooks");
    for _ in 0..200 {
        let told: Value = serde_json::from_slice(&std::fs::read(&place).unwrap()).unwrap();
        if told["told"][&receiver.address].as_u64().is_some_and(|told| told > 0) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    telling.abort();
    let _ = telling.await;
    let first = receiver.heard(1).await;
    post(&setting, 2).await;
    setting.service.close();
    let (setting, telling) = start(setting.folder, &receiver.address);
    post(&setting, 3).await;
    let end = setting.get("/v1/changes").await.expect(OK).json()["next"].as_u64().unwrap();
    let mut all = receiver.heard(first.len() + 1).await;
    for _ in 0..200 {
        if numbers(&all).last() == Some(&end) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        all = receiver.heard(first.len() + 1).await;
    }
    // One batch may come twice.
    let mut told = numbers(&all);
    told.sort_unstable();
    told.dedup();
    assert!(
        told.windows(2).all(|two| two[1] == two[0] + 1) && told.last() == Some(&end),
        "{told:?} to {end}"
    );
    telling.abort();
    receiver.answering.abort();
}
